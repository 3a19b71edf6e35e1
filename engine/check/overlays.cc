// Overlays whose names stand beside what they seem to mean.
#include <algorithm>

#include "engine/check/table_checks.h"
#include "engine/text.h"

namespace switchyard {

namespace {

// A table that no earlier layer has: nothing asks for it, unless a rule or a program does.
void check_new_table(const char* what, std::string_view name, const Place& place,
                     const std::vector<std::string_view>& others, Problems& problems) {
  std::vector<std::string> names;
  for (const std::string_view other : others) {
    if (other != name) names.emplace_back(other);
  }
  Problem problem;
  problem.place = place;
  problem.kind = "new-table";
  problem.decision = std::string(name);
  problem.what = "no earlier layer has a " + std::string(what) + " of this name";
  problem.mend = did_you_mean(name, names);
  const bool is_slip = !problem.mend.empty();
  if (!is_slip) problem.severity = Problem::Severity::kWarning;
  if (!is_slip) problem.mend = "Nothing in the program asks for it; another rule may";
  problems.push_back(std::move(problem));
}

Place first_place(const RuleCatalog& catalog, DocumentKind kind, std::string_view name) {
  for (const auto& layer : catalog.layers()) {
    for (const RuleLayer::Document& document : layer->documents()) {
      if (document.kind == kind && document.name == name) return document.place;
    }
  }
  return {};
}

// "sentinel/SAM" beside "sentinel/sam" adds a rule where one was to be replaced.
void check_spelling(const DecisionTable& table, Problems& problems) {
  for (const Rule& rule : table.rules()) {
    if (rule.layer == 0) continue;
    const auto near =
        std::find_if(table.rules().begin(), table.rules().end(), [&](const Rule& other) {
          return other.layer < rule.layer && other.id != rule.id && folds_to(other.id, rule.id);
        });
    if (near == table.rules().end()) continue;
    Problem problem = rule_problem(
        table, rule, "near-id",
        "the id differs from \"" + near->id + "\" in letter case or -/_ only: it replaces nothing",
        "Write the id as that rule has it to replace it, or choose one that can't be mistaken");
    problem.other_rule = near->id;
    problem.other_place = near->node.place();
    problems.push_back(std::move(problem));
  }
}

}  // namespace

void check_overlays(const RuleCatalog& catalog, Problems& problems) {
  const bool has_base = !catalog.layers().empty() && !catalog.layers().front()->documents().empty();
  if (!has_base) return;
  for (const std::string_view name : catalog.decision_names()) {
    if (catalog.first_layer_of_decision(name) > 0) {
      check_new_table("decision table", name, first_place(catalog, DocumentKind::kDecision, name),
                      catalog.decision_names(), problems);
    }
    check_spelling(*catalog.decision(name), problems);
  }
  for (const std::string_view name : catalog.table_names()) {
    if (catalog.first_layer_of_table(name) > 0) {
      check_new_table("knowledge table", name, first_place(catalog, DocumentKind::kKnowledge, name),
                      catalog.table_names(), problems);
    }
  }
}

}  // namespace switchyard
