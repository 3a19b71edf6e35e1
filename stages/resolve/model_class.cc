#include "stages/resolve/model_class.h"

#include <optional>
#include <utility>

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

std::optional<ClassChoice> by_rule(const Asker& asker, const std::string& task, Facts& facts) {
  facts.set("task", task);
  const auto outcome = asker.decide("model_class", facts, "class");
  const std::string* name = outcome ? string_of(outcome->get("class")) : nullptr;
  if (name == nullptr) return {};
  ClassChoice choice;
  choice.name = *name;
  choice.by_rule = true;
  choice.decision = {"model_class", *name, std::string(outcome->rule.id), outcome->rule.place(),
                     std::string(outcome->rule.source)};
  const Value* own_config = outcome->get("own_config");
  choice.own_config = is_true(own_config);
  return choice;
}

// Rules for the task as written, then for its canonical form.
std::optional<ClassChoice> by_rules(const Asker& asker, const std::string& task, Facts& facts) {
  const std::string canonical = canonical_task(asker.rules(), task);
  auto choice = by_rule(asker, task, facts);
  if (!choice && canonical != task) choice = by_rule(asker, canonical, facts);
  facts.set("task", task);
  return choice;
}

ClassChoice by_table(const std::string& name, const Place& place) {
  ClassChoice choice;
  choice.name = name;
  choice.decision = {"model_class", name, "task_classes", place, "auto-class"};
  return choice;
}

ClassChoice none(std::string why) {
  ClassChoice choice;
  choice.why_none = std::move(why);
  return choice;
}

}  // namespace

ClassChoice choose_class(const Asker& asker, const std::string& task, const std::string& model_type,
                         Facts& facts) {
  if (auto choice = by_rules(asker, task, facts)) return *choice;
  const RuleBook& rules = asker.rules();
  const auto row = rules.lookup("task_classes",
                                canonical_task(rules, without_past(canonical_task(rules, task))));
  if (!row || !row->value.is_list() || row->value.as_list().empty()) {
    return none("no class serves the task '" + shorten(task, 80) + "'");
  }
  const List& classes = row->value.as_list();
  // Where there is only one, it is not asked whether it takes the model type.
  if (classes.size() == 1 && classes.front().is_string()) {
    const std::string& name = classes.front().as_string();
    return by_table(name, row->place);
  }
  const auto own = rules.lookup("model_type_classes", model_type);
  const Value* accepted = own ? own->value.find("auto_classes") : nullptr;
  for (const Value& item : classes) {
    const std::string* name = string_of(&item);
    if (name != nullptr && accepted != nullptr && accepted->find(*name) != nullptr) {
      return by_table(*name, row->place);
    }
  }
  return none("no class serves the task '" + shorten(task, 80) + "' for the model type '" +
              shorten(model_type, 80) + "'");
}

ClassChoice named_class(const Asker& asker, const std::string& task, const std::string& name,
                        Facts& facts) {
  const RuleBook& rules = asker.rules();
  if (auto choice = by_rules(asker, task, facts); choice && choice->name == name) {
    return *choice;
  }
  if (rules.lookup("architectures", name) || rules.lookup("auto_classes", name)) {
    ClassChoice choice;
    choice.name = name;
    choice.decision = {"model_class", name, {}, {}, "user-class"};
    return choice;
  }
  return none("the class '" + shorten(name, 80) + "' is not known");
}

}  // namespace switchyard
