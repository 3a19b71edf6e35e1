#include "stages/resolve/model_class.h"

#include <optional>
#include <vector>

#include "engine/text.h"
#include "stages/resolve/tables.h"

namespace switchyard {
namespace {

constexpr std::string_view kWithPast = "-with-past";

std::string without_past(std::string task) {
  const auto at = task.find(kWithPast);
  if (at != std::string::npos) task.erase(at, kWithPast.size());
  return task;
}

std::optional<ClassChoice> by_rule(const RuleBook& rules, const std::string& task, Facts& facts) {
  facts.set("task", task);
  const auto outcome = rules.decide("model_class", facts);
  const std::string* name = outcome ? string_of(outcome->get("class")) : nullptr;
  if (name == nullptr) return {};
  return ClassChoice{*name,
                     {"model_class", *name, std::string(outcome->rule.id), outcome->rule.place(),
                      std::string(outcome->rule.source)},
                     {}};
}

// Rules for the task as written, its canonical form, and that without its cache.
std::optional<ClassChoice> by_rules(const RuleBook& rules, const std::string& task, Facts& facts) {
  const std::string canonical = canonical_task(rules, task);
  const std::string bare = canonical_task(rules, without_past(canonical));
  auto choice = by_rule(rules, task, facts);
  if (!choice && canonical != task) choice = by_rule(rules, canonical, facts);
  if (!choice && bare != canonical) choice = by_rule(rules, bare, facts);
  facts.set("task", task);
  return choice;
}

Decision by_table(const std::string& name, const Place& place) {
  return {"model_class", name, "task_classes", place, "auto-class"};
}

}  // namespace

ClassChoice choose_class(const RuleBook& rules, const ClassQuestion& question, Facts& facts) {
  if (auto choice = by_rules(rules, question.task, facts)) return *choice;
  const std::string task = canonical_task(rules, without_past(canonical_task(rules, question.task)));
  const auto row = rules.lookup("task_classes", task);
  if (!row || !row->value.is_list() || row->value.as_list().empty()) {
    std::string why = "no class serves the task '" + shorten(question.task, 80) + "'";
    return {{}, {}, std::move(why)};
  }
  const List& classes = row->value.as_list();
  // Where there is only one, it is not asked whether it takes the model type.
  if (classes.size() == 1 && classes.front().is_string()) {
    const std::string& name = classes.front().as_string();
    return {name, by_table(name, row->place), {}};
  }
  const Value* accepted = question.type_row.find("auto_classes");
  for (const Value& item : classes) {
    const std::string* name = string_of(&item);
    if (name != nullptr && accepted != nullptr && accepted->find(*name) != nullptr) {
      return {*name, by_table(*name, row->place), {}};
    }
  }
  return {{}, {}, "no class serves the task '" + shorten(question.task, 80) +
                      "' for the model type '" + shorten(question.model_type, 80) + "'"};
}

ClassChoice named_class(const RuleBook& rules, const ClassQuestion& question,
                        const std::string& name, Facts& facts) {
  if (auto choice = by_rules(rules, question.task, facts); choice && choice->name == name) {
    return *choice;
  }
  if (rules.lookup("architectures", name) || rules.lookup("auto_classes", name)) {
    return {name, {"model_class", name, {}, {}, "user-class"}, {}};
  }
  return {{}, {}, "the class '" + shorten(name, 80) + "' is not known"};
}

}  // namespace switchyard
