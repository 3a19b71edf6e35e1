// Variants: tasks that a table surfaces in the place of another one (image-feature-extraction for
// feature-extraction). Users see them, so the tables of the build must know them by name.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/text.h"
#include "stages/resolve/tables.h"
#include "stages/workshop/policy/policy_parts.h"
#include "stages/workshop/policy/rule_reading.h"

namespace switchyard::policy {
namespace {

constexpr std::string_view kNeeded[] = {"calibration", "evaluator"};

struct Variant {
  const Rule* rule;
  std::string task;
  Place place;
};

void add(std::vector<Variant>& variants, const Rule& rule, const std::string& task, Place place) {
  for (const Variant& other : variants) {
    if (other.rule == &rule && other.task == task) return;
  }
  variants.push_back({&rule, task, std::move(place)});
}

std::vector<std::string> main_inputs(const RuleBook& rules) {
  std::vector<std::string> names;
  for (const std::string& key : keys_of(rules, "architectures")) {
    const auto row = rules.lookup("architectures", key);
    const std::string* name = row ? string_of(row->value.find("main_input_name")) : nullptr;
    if (name != nullptr && std::ranges::find(names, *name) == names.end()) names.push_back(*name);
  }
  return names;
}

// Outputs with facts in them are tried out: every task, every main input.
void try_out(const RuleBook& rules, const std::string& decision, std::vector<Variant>& variants) {
  const std::vector<std::string> inputs = main_inputs(rules);
  for (const std::string& task : keys_of(rules, "task_names")) {
    for (const std::string& input : inputs) {
      Facts facts;
      facts.set("task", task);
      facts.set("main_input_name", input);
      const auto outcome = rules.decide(decision, facts);
      const std::string* surfaced = outcome ? string_of(outcome->get("task")) : nullptr;
      if (surfaced == nullptr || *surfaced == task) continue;
      const Rule* rule = find_rule(rules, decision, outcome->rule.id);
      if (rule != nullptr) add(variants, *rule, *surfaced, rule->node.place());
    }
  }
}

std::vector<Variant> variants_of(const RuleBook& rules, const std::string& decision) {
  std::vector<Variant> variants;
  bool computed = false;
  for (const Rule& rule : rules_of(rules, decision)) {
    const auto task = literal_output(rule, "task");
    if (task && task->value.is_string()) {
      add(variants, rule, task->value.as_string(), task->place);
    } else if (!task && rule.then.kind == Template::Kind::kMap) {
      computed = true;
    }
  }
  if (computed) try_out(rules, decision, variants);
  return variants;
}

// Whether a rule of the table decides for this task because it is this task.
bool decided_by_name(const RuleBook& rules, std::string_view decision, const std::string& task) {
  Facts facts;
  facts.set("task", task);
  facts.set("optimum_task", optimum_task(rules, task));
  const auto outcome = rules.decide(decision, facts);
  const Rule* rule = outcome ? find_rule(rules, decision, outcome->rule.id) : nullptr;
  if (rule == nullptr) return false;
  const Value other("\n");  // no task
  bool by_name = false;
  for_each_clause(rule->when, [&](const Clause& clause) {
    by_name = by_name || (clause.name == "task" && !clause.test.holds(&other, facts));
  });
  return by_name;
}

}  // namespace

void check_variants(const RuleBook& rules, Problems& problems) {
  for (const std::string decision : {"modality", "task_upgrade"}) {
    for (const Variant& variant : variants_of(rules, decision)) {
      // A task of its own, not another name of one: what an upgrade turns to is no variant.
      if (decision == "task_upgrade" && canonical_task(rules, variant.task) == variant.task) {
        continue;
      }
      std::vector<std::string> missing;
      for (const std::string_view table : kNeeded) {
        if (!decided_by_name(rules, table, variant.task)) missing.emplace_back(table);
      }
      if (missing.empty()) continue;
      const std::string tables = join_names(missing);
      problems.push_back(rule_error("variant", decision, *variant.rule, variant.place,
                                    "the task variant " + in_quotes(variant.task) +
                                        " is surfaced, but no rule of " + tables +
                                        " decides it by this task",
                                    "Add a rule with when: {task: " + variant.task +
                                        "} to decision: " + tables + ", or surface another task"));
    }
  }
}

}  // namespace switchyard::policy
