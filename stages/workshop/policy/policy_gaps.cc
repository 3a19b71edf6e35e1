// Gaps: model types for which only the last resort decides the task, whatever class the tables have
// for them stands in the config.
#include <algorithm>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/error.h"
#include "engine/text.h"
#include "stages/resolve/chain.h"
#include "stages/resolve/tables.h"
#include "stages/workshop/policy/policy_parts.h"
#include "stages/workshop/policy/rule_reading.h"

namespace switchyard::policy {
namespace {

constexpr std::size_t kShown = 3;     // of many, in one line
constexpr std::size_t kGrouped = 20;  // up to so many, each has its own line

struct Gap {
  std::string model_type;
  Place place;
  std::vector<std::string> classes;  // that were tried
  std::string part_of;               // the first model type that has it as a sub-config
};

using ClassesByType = std::unordered_map<std::string, std::vector<std::string>>;

ClassesByType classes_by_type(const RuleBook& rules) {
  ClassesByType classes;
  for (const std::string& name : keys_of(rules, "architectures")) {
    const auto row = rules.lookup("architectures", name);
    const std::string* type = row ? string_of(row->value.find("model_type")) : nullptr;
    if (type != nullptr) classes[*type].push_back(name);
  }
  return classes;
}

// Sub-config's model type -> the model type that it is a part of.
std::unordered_map<std::string, std::string> parts(const RuleBook& rules,
                                                   const std::vector<std::string>& types) {
  std::unordered_map<std::string, std::string> owners;
  for (const std::string& type : types) {
    const auto row = rules.lookup("model_types", type);
    const Value* sub = row ? row->value.find("sub_configs") : nullptr;
    if (sub == nullptr || !sub->is_map()) continue;
    for (const auto& [key, part] : sub->as_map()) {
      const std::string* name = string_of(&part);
      if (name != nullptr && *name != type) owners.emplace(*name, type);
    }
  }
  return owners;
}

// Whether something but the last resort decides the task. A request without any outcome is no gap:
// its fault has a message of its own.
bool is_decided(const RuleBook& rules, const std::string& model_type,
                const std::string* class_name) {
  ResolveRequest request;
  Map config{{"model_type", model_type}};
  if (class_name != nullptr) config.set("architectures", List{*class_name});
  request.config = std::move(config);
  try {
    return !Chain(rules, request).run(/*with_plan=*/false).last_resort;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kUsage) throw;
    return true;
  }
}

std::vector<Gap> find_gaps(const RuleBook& rules) {
  const std::vector<std::string> types = keys_of(rules, "model_types");
  const ClassesByType classes = classes_by_type(rules);
  const auto owners = parts(rules, types);
  std::vector<Gap> gaps;
  for (const std::string& type : types) {
    const auto own = classes.find(type);
    static const std::vector<std::string> kNone;
    const std::vector<std::string>& names = own != classes.end() ? own->second : kNone;
    if (is_decided(rules, type, nullptr) ||
        std::ranges::any_of(names, [&](const auto& n) { return is_decided(rules, type, &n); })) {
      continue;
    }
    Gap gap{type, {}, names, {}};
    if (const auto row = rules.lookup("model_types", type)) gap.place = row->place;
    if (const auto owner = owners.find(type); owner != owners.end()) gap.part_of = owner->second;
    gaps.push_back(std::move(gap));
  }
  // Whole models first: a part is rarely exported alone.
  std::ranges::stable_partition(gaps, [](const Gap& gap) { return gap.part_of.empty(); });
  return gaps;
}

Problem warning(const Gap& gap) {
  Problem problem;
  problem.severity = Problem::Severity::kWarning;
  problem.place = gap.place;
  problem.kind = "gap";
  problem.decision = "model_types";
  problem.rule = gap.model_type;
  problem.what = "only the last resort decides its task, ";
  if (gap.classes.empty()) {
    problem.what += "and the tables have no class of it";
  } else {
    problem.what +=
        "also with " + (gap.classes.size() > 3
                            ? "each of its " + std::to_string(gap.classes.size()) + " classes"
                            : "its " + join_names(gap.classes));
  }
  if (!gap.part_of.empty()) problem.what += "; it is a part of " + gap.part_of;
  problem.mend =
      "Add a row to supported_tasks, a task to one of its classes in architectures, or a sentinel";
  return problem;
}

// One line for many.
Problem summary(std::span<const Gap> gaps) {
  const auto parts =
      std::ranges::count_if(gaps, [](const Gap& gap) { return !gap.part_of.empty(); });
  std::vector<std::string> shown;
  for (const Gap& gap : gaps.first(kShown)) shown.push_back(gap.model_type);
  Problem problem;
  problem.severity = Problem::Severity::kWarning;
  problem.place.file = gaps.front().place.file;
  problem.kind = "gap";
  problem.decision = "model_types";
  problem.what = "only the last resort decides the task of " + std::to_string(gaps.size()) +
                 " model types, " + std::to_string(parts) +
                 " of them parts of other models, such as " + join_names(shown);
  problem.mend = "List all with --verbose";
  return problem;
}

}  // namespace

void check_gaps(const RuleBook& rules, bool all, Problems& problems) {
  for (const char* table : {"model_types", "architectures", "supported_tasks", "synonyms"}) {
    if (!rules.has_knowledge(table)) return;
  }
  std::vector<Gap> gaps = find_gaps(rules);
  // By file, so that the gaps of an overlay are not lost among those of the rules below it.
  std::ranges::stable_sort(gaps, {}, [](const Gap& gap) { return gap.place.file; });
  for (std::span<const Gap> left = gaps; !left.empty();) {
    const auto end = std::ranges::find_if(
        left, [&](const Gap& gap) { return gap.place.file != left.front().place.file; });
    const std::span<const Gap> file = left.first(end - left.begin());
    left = left.subspan(file.size());
    if (!all && file.size() > kGrouped) {
      problems.push_back(summary(file));
      continue;
    }
    for (const Gap& gap : file) problems.push_back(warning(gap));
  }
}

}  // namespace switchyard::policy
