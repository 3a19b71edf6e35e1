#include <algorithm>
#include <tuple>
#include <utility>

#include "engine/text.h"
#include "stages/workshop/golden/printable.h"
#include "tools/switchyard/commands/explain.h"
#include "tools/switchyard/text_table.h"

namespace switchyard {
namespace {

constexpr std::size_t kShownBytes = 40;

bool failed_for_want_of_a_fact(const Question& question, const Considered& rule) {
  const auto& facts = question.explanation.facts;
  return std::any_of(facts.begin(), facts.end(), [&](const FactRead& fact) {
    return fact.path == rule.failed_column && !fact.value;
  });
}

// The rule that would most easily have decided: one with conditions that held and was outranked,
// then one whose first failing condition asks of a fact that is there, then any other, then one
// that always holds. Among these the one with the fewest conditions that failed, the most that
// held, and the nearest to the winner in the table.
const Considered* nearest_loser(const Question& question) {
  const std::vector<Considered>& rules = question.explanation.rules;
  const auto winner =
      std::find_if(rules.begin(), rules.end(), [](const Considered& rule) { return rule.won; });
  const auto farness = [&](const Considered& rule) {
    int kind = rule.conditions > 0 ? 0 : 3;
    if (!rule.held) kind = failed_for_want_of_a_fact(question, rule) ? 2 : 1;
    const auto rank = &rule - rules.data();
    const auto distance = rank - (winner != rules.end() ? winner - rules.begin() : 0);
    return std::tuple(kind, rule.conditions - rule.conditions_held,
                      -static_cast<std::ptrdiff_t>(rule.conditions_held), std::abs(distance));
  };
  const Considered* nearest = nullptr;
  for (const Considered& rule : rules) {
    if (rule.won) continue;
    if (nearest == nullptr || farness(rule) < farness(*nearest)) nearest = &rule;
  }
  return nearest;
}

std::string loser_text(const Considered& rule) {
  return std::string(rule.rule.id) + ": " +
         (rule.held ? "held, but was outranked" : printable(rule.failed_condition));
}

// The rules that decided, and where they stand.
struct Deciders {
  std::vector<std::string> ids;
  std::vector<std::string> places;

  explicit Deciders(const Question& question) {
    if (question.instead) {
      const Decision& decision = *question.instead;
      ids.push_back(decision.rule_id.empty() ? decision.source : decision.rule_id);
      if (decision.place.known()) places.push_back(decision.place.str());
      return;
    }
    for (const Outcome& outcome : question.outcomes) {
      ids.emplace_back(outcome.rule.id);
      places.push_back(outcome.rule.place().str());
    }
  }
};

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

// What was asked for the decisions themselves, the last time where a table was asked twice.
std::vector<const Question*> decisions_of(const Trace& trace) {
  std::vector<const Question*> decisions;
  for (const Question& question : trace.questions) {
    if (!question.purpose.empty()) continue;
    std::erase_if(decisions,
                  [&](const Question* earlier) { return earlier->decision == question.decision; });
    decisions.push_back(&question);
  }
  return decisions;
}

}  // namespace

std::string short_explanation_text(const Trace& trace) {
  TextTable table({"decision", "value", "rule", "place", "nearest loser"});
  for (const Question* question : decisions_of(trace)) {
    const Deciders by(*question);
    const Considered* loser = nearest_loser(*question);
    table.add({question->decision,
               by.ids.empty() ? "-" : shorten(question->value().to_json(), kShownBytes),
               or_dash(join_names(by.ids)), or_dash(join_names(by.places)),
               loser != nullptr ? loser_text(*loser) : "-"});
  }
  return table.str();
}

Value short_explanation_json(const Trace& trace) {
  List list;
  for (const Question* question : decisions_of(trace)) {
    const Deciders by(*question);
    Value nearest;
    if (const Considered* loser = nearest_loser(*question)) {
      nearest = Map{{"rule", loser->rule.id},
                    {"place", loser->rule.place().str()},
                    {"failed", loser->held ? Value() : Value(loser->failed_condition)}};
    }
    list.push_back(Map{{"decision", question->decision},
                       {"value", question->value()},
                       {"rules", List(by.ids.begin(), by.ids.end())},
                       {"places", List(by.places.begin(), by.places.end())},
                       {"nearest_loser", std::move(nearest)}});
  }
  return list;
}

}  // namespace switchyard
