#include "stages/resolve/asker.h"

#include <algorithm>
#include <string>

namespace switchyard {
namespace {

Question& begin_question(Trace& trace, std::string_view decision, std::string_view value_of,
                         std::string_view purpose) {
  Question& question = trace.questions.emplace_back();
  question.decision = decision;
  question.value_of = value_of;
  question.purpose = purpose;
  return question;
}

Value value_of_outcome(const Outcome& outcome, const std::string& value_of) {
  if (value_of.empty()) return outcome.outputs;
  const Value* value = outcome.get(value_of);
  return value != nullptr ? *value : Value();
}

}  // namespace

Value Question::value() const {
  if (instead) return instead->value;
  if (outcomes.empty()) return {};
  if (outcomes.size() == 1) return value_of_outcome(outcomes.front(), value_of);
  List values;
  for (const Outcome& outcome : outcomes) values.push_back(value_of_outcome(outcome, value_of));
  return values;
}

std::optional<Outcome> Asker::decide(std::string_view decision, const Facts& facts,
                                     std::string_view value_of, std::string_view purpose) const {
  if (trace_ == nullptr) return rules_.decide(decision, facts);
  Question& question = begin_question(*trace_, decision, value_of, purpose);
  auto outcome = rules_.decide(decision, facts, &question.explanation);
  if (outcome) question.outcomes.push_back(*outcome);
  return outcome;
}

std::vector<Outcome> Asker::collect(std::string_view decision, const Facts& facts,
                                    std::string_view value_of) const {
  if (trace_ == nullptr) return rules_.collect(decision, facts);
  Question& question = begin_question(*trace_, decision, value_of, {});
  question.outcomes = rules_.collect(decision, facts, &question.explanation);
  return question.outcomes;
}

void Asker::decided_instead(const Decision& decision) const {
  if (trace_ == nullptr) return;
  const auto asked =
      std::find_if(trace_->questions.rbegin(), trace_->questions.rend(),
                   [&](const Question& question) { return question.decision == decision.name; });
  if (asked != trace_->questions.rend()) asked->instead = decision;
}

}  // namespace switchyard
