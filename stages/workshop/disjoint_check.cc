#include "stages/workshop/disjoint_check.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "engine/error.h"
#include "engine/rule_catalog.h"
#include "stages/resolve/requests.h"
#include "stages/resolve/trace.h"
#include "stages/workshop/corpus/corpus_line.h"
#include "stages/workshop/corpus/line_pipeline.h"

namespace switchyard {
namespace {

// Where two rules of one group meet: decision, the group's number, the rules' ids in its order.
struct Meeting {
  std::string decision;
  std::size_t group;
  std::string first, second;
  auto operator<=>(const Meeting&) const = default;
};
using Meetings = std::map<Meeting, std::string>;  // -> the first model

class MeetingJob : public LineJob {
 public:
  MeetingJob(const RuleBook& rules, const std::string& file, Meetings& all)
      : rules_(rules), file_(file), all_(all) {}

  void work(const LineBatch& batch) override {
    for (const auto& [text, number] : batch.lines()) {
      const std::optional<Value> line = read_corpus_line(text);
      if (line) decide(*line, corpus_name(*line, file_, number));
    }
  }

  void finish() override { all_.merge(found_); }  // keeps what came before

 private:
  void decide(const Value& line, const std::string& name) {
    Trace trace;
    try {
      resolve_traced(rules_, read_request(corpus_request(line)), trace);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kUsage) throw;
    }
    for (const Question& question : trace.questions) look_at(question, name);
  }

  void look_at(const Question& question, const std::string& name) {
    const auto& groups = rules_.catalog().decision(question.decision)->disjoint();
    for (std::size_t group = 0; group < groups.size(); ++group) {
      std::vector<std::string> held;
      for (const Considered& considered : question.explanation.rules) {
        const std::string id(considered.rule.id);
        const std::vector<std::string>& ids = groups[group].ids;
        if (considered.held && std::ranges::find(ids, id) != ids.end()) held.push_back(id);
      }
      for (std::size_t i = 1; i < held.size(); ++i) {
        found_.try_emplace({question.decision, group, held[0], held[i]}, name);
      }
    }
  }

  const RuleBook& rules_;
  const std::string& file_;
  Meetings& all_;
  Meetings found_;
};

}  // namespace

void check_disjoint(const RuleBook& rules, const std::vector<std::string>& corpora,
                    Problems& problems) {
  Meetings meetings;
  for (const std::string& file : corpora) {
    run_line_jobs(file, 0, [&] { return std::make_unique<MeetingJob>(rules, file, meetings); });
  }
  for (const auto& [meeting, model] : meetings) {
    const DecisionTable& table = *rules.catalog().decision(meeting.decision);
    Problem problem;
    problem.place = table.disjoint()[meeting.group].node.place();
    problem.kind = "not-disjoint";
    problem.decision = meeting.decision;
    problem.rule = meeting.first;
    problem.what = "declared disjoint, but both hold for " + model;
    problem.mend = "Give them different priorities, or narrow their conditions";
    problem.other_rule = meeting.second;
    const auto other = std::ranges::find(table.rules(), meeting.second, &Rule::id);
    problem.other_place = other->node.place();
    problems.push_back(std::move(problem));
  }
}

}  // namespace switchyard
