// Sentinels: rules of `task` for a model type while nothing has decided its task.
#include <string>
#include <utility>
#include <vector>

#include "engine/text.h"
#include "stages/workshop/policy/policy_parts.h"
#include "stages/workshop/policy/rule_reading.h"

namespace switchyard::policy {
namespace {

const Columns kModelType = {"model_type", "model_type_key"};
const Columns kAsked = {"model_type", "model_type_key", "task"};

Facts facts_of(const std::string& model_type, Value task) {
  Facts facts;
  facts.set("model_type", model_type);
  facts.set("model_type_key", fold(model_type));
  facts.set("task", std::move(task));
  return facts;
}

// The place of the model type where the rule spells it out, else of its conditions.
Place place_of(const Rule& rule, const std::string& model_type) {
  for (const Literal& literal : literals(rule.when, kModelType)) {
    if (folds_to(literal.text, model_type)) return literal.place;
  }
  const YamlNode* when = rule.node.find("when");
  return when != nullptr ? when->place() : rule.node.place();
}

// The model types for which the rule is a sentinel; those it spells out, known or not, first.
std::vector<std::string> model_types_of(const Rule& rule, const std::vector<std::string>& known) {
  std::vector<std::string> types;
  const auto add = [&](const std::string& type) {
    if (!may_hold(rule.when, facts_of(type, Value()), kAsked)) return;
    for (const std::string& other : types) {
      if (folds_to(other, type)) return;
    }
    types.push_back(type);
  };
  for (const Literal& literal : literals(rule.when, kModelType)) add(literal.text);
  // Patterns and the like name nobody; a sentinel for all model types but one is none.
  if (types.empty()) {
    for (const std::string& type : known) add(type);
  }
  return types;
}

void check_row(const RuleBook& rules, const Rule& sentinel, const std::string& model_type,
               const LiteralOutput& task, Problems& problems) {
  const std::string pair = "(" + model_type + ", " + task.value.as_string() + ")";
  Facts facts = facts_of(model_type, task.value);
  facts.set("source", sentinel.source);
  const auto row = rules.decide("model_class", facts);
  const Rule* winner = row ? find_rule(rules, "model_class", row->rule.id) : nullptr;
  if (winner == nullptr || !asks_for(winner->when, kModelType)) {
    Problem problem = rule_error(
        "sentinel", "task", sentinel, place_of(sentinel, model_type),
        "a sentinel without its row: no rule of model_class names " + pair,
        "Add to decision: model_class a rule with when: {model_type_key: " + fold(model_type) +
            ", task: " + task.value.as_string() + "}");
    if (winner != nullptr) set_other(problem, *winner);
    problems.push_back(std::move(problem));
    return;
  }
  const auto wanted = literal_output(sentinel, "class");
  if (!wanted) return;
  const Value* given = row->get("class");
  if (given != nullptr && *given == wanted->value) return;
  Problem problem =
      rule_error("sentinel", "task", sentinel, wanted->place,
                 "the sentinel says class " + wanted->value.to_json() + ", and the row for " +
                     pair + " says " + (given != nullptr ? given->to_json() : "nothing"),
                 "Say the same class in both");
  const auto stated = literal_output(*winner, "class");
  set_other(problem, *winner, stated ? stated->place : Place());
  problems.push_back(std::move(problem));
}

// A class is asked for when the task is decided.
void check_rows_without_task(const RuleBook& rules, Problems& problems) {
  for (const Rule& rule : rules_of(rules, "model_class")) {
    if (!asks_null(rule.when, "task")) continue;
    const YamlNode* when = rule.node.find("when");
    const YamlNode* task = when != nullptr ? when->find("task") : nullptr;
    problems.push_back(rule_error(
        "sentinel", "model_class", rule, task != nullptr ? task->place() : rule.node.place(),
        "this rule never holds: the task is always set when the class is chosen",
        "Write the sentinel as a rule of decision: task, and the task it gives here"));
  }
}

}  // namespace

void check_sentinels(const RuleBook& rules, Problems& problems) {
  if (!rules.has_decision("model_class")) return;
  const std::vector<std::string> known = keys_of(rules, "model_types");
  for (const Rule& rule : rules_of(rules, "task")) {
    if (!asks_null(rule.when, "task") || !asks_for(rule.when, kModelType)) continue;
    const auto task = literal_output(rule, "task");
    if (!task || !task->value.is_string()) continue;
    for (const std::string& type : model_types_of(rule, known)) {
      check_row(rules, rule, type, *task, problems);
    }
  }
  check_rows_without_task(rules, problems);
}

}  // namespace switchyard::policy
