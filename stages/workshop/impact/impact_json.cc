// The impact report for programs.
#include "stages/workshop/impact/impact.h"
#include "stages/workshop/impact/impact_words.h"

namespace switchyard {
namespace {

Value count(std::size_t number) { return static_cast<std::int64_t>(number); }

Value counts(const std::vector<std::pair<std::string, std::size_t>>& fields) {
  Map map;
  for (const auto& [field, number] : fields) map.set(field, count(number));
  return map;
}

Value id_or_null(const std::string& rule) { return rule.empty() ? Value() : Value(rule); }

Value step_json(const ImpactStep& step) {
  List examples;
  for (const std::string& model : step.examples) examples.emplace_back(model);
  return Map{{"before", step.before},
             {"after", step.after},
             {"rule_before", id_or_null(step.rule_before)},
             {"rule_after", id_or_null(step.rule_after)},
             {"models", count(step.models)},
             {"examples", std::move(examples)}};
}

Value group_json(const ImpactReport& report, const ImpactGroup& group) {
  const Cause& cause = group.cause;
  const bool is_rule = cause.kind != Cause::Kind::kError && !cause.rule.empty();
  List steps;
  for (const ImpactStep& step : group.steps) steps.push_back(step_json(step));
  return Map{{"decision", cause.field},
             {"cause", cause_kind(cause.kind)},
             {"rule", is_rule ? Value(cause.rule) : Value()},
             {"place", id_or_null(cause.place.str())},
             {"text", cause_text(cause)},
             {"outcome_changes", group.outcome},
             {"models", count(group.models)},
             {"changes", std::move(steps)},
             {"models_with_other_changes", count(group.models - group.models_in_steps)},
             {"follows", counts(report.follows_of(group))}};
}

}  // namespace

std::string impact_json(const RuleSets& sets, const ImpactReport& report) {
  List causes;
  for (const ImpactGroup* group : report.groups()) causes.push_back(group_json(report, *group));
  const Value json =
      Map{{"before", sets.before.description()},  {"after", sets.after.description()},
          {"models", count(report.models())},     {"changed", count(report.changed())},
          {"rerouted", count(report.rerouted())}, {"unchanged", count(report.same())},
          {"failing", count(report.failing())},   {"unreadable", count(report.unreadable())},
          {"fields", counts(report.fields())},    {"causes", std::move(causes)}};
  return json.to_json(2) + "\n";
}

}  // namespace switchyard
