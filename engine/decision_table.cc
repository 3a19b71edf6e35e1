#include "engine/decision_table.h"

#include <algorithm>
#include <limits>

#include "engine/explain.h"
#include "engine/layer_merge.h"

namespace switchyard {

namespace {

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

bool all_hold(std::span<const Clause* const> clauses, const Facts& facts) {
  return std::all_of(clauses.begin(), clauses.end(),
                     [&](const Clause* clause) { return clause->holds(facts); });
}

}  // namespace

DecisionTable::DecisionTable(std::string name, std::vector<std::vector<DecisionDocument>> layers,
                             Faults* faults, bool names_checked)
    : name_(std::move(name)) {
  hit_policy_ = merged_hit_policy(layers, faults);
  if (!names_checked) check_declared_names(layers, faults);
  columns_ = merged_names(layers, &DecisionDocument::columns);
  outputs_ = merged_names(layers, &DecisionDocument::outputs);
  for (const auto& documents : layers) {
    for (const DecisionDocument& document : documents) {
      disjoint_.insert(disjoint_.end(), document.disjoint.begin(), document.disjoint.end());
    }
  }
  rules_ = merge_rules(std::move(layers), faults);
  sort_by_rank(rules_, hit_policy_);
  std::vector<const Conjunction*> conditions;
  conditions.reserve(rules_.size());
  winners_.reserve(rules_.size());
  for (const Rule& rule : rules_) {
    conditions.push_back(&rule.when);
    const bool is_plain = rule.then.kind == Template::Kind::kLiteral && rule.warnings.empty();
    winners_.push_back({rule.ref(), rule.then.literal, is_plain});
  }
  index_ = RuleIndex(conditions);
}

Outcome DecisionTable::outcome(std::uint32_t rank, const Facts& facts,
                               const KnowledgeReader& knowledge) const {
  const Winner& winner = winners_[rank];
  if (winner.is_plain) return {winner.literal, winner.ref, {}};
  const Rule& rule = rules_[rank];
  Outcome outcome{rule.then.apply(facts, knowledge), winner.ref, {}};
  for (const Warning& warning : rule.warnings) {
    if (holds(warning.when, facts)) outcome.warnings.push_back(warning.text.apply(facts));
  }
  return outcome;
}

void DecisionTable::fail_not_unique(const Rule& first, const Rule& second) const {
  second.node.fail("the rules \"" + first.id + "\" (" + first.node.place().str() + ") and \"" +
                       second.id + "\" both hold, and the decision \"" + name_ + "\" is unique",
                   "Narrow the conditions of one of them");
}

std::optional<Outcome> DecisionTable::decide(const Facts& facts, const KnowledgeReader& knowledge,
                                             Explanation* explanation) const {
  std::uint32_t best = kNone, second = kNone;
  const bool unique = hit_policy_ == HitPolicy::kUnique;
  index_.visit(facts, [&](std::uint32_t rank, std::span<const Clause* const> clauses) {
    if (rank > best && !unique) return false;
    if (!all_hold(clauses, facts)) return true;
    second = std::min(second, std::max(rank, best));
    best = std::min(rank, best);
    return unique;
  });
  if (explanation != nullptr) *explanation = explain_rules(rules_, facts, /*all_win=*/false);
  if (best == kNone) return std::nullopt;
  if (unique && second != kNone) fail_not_unique(rules_[best], rules_[second]);
  return outcome(best, facts, knowledge);
}

std::vector<Outcome> DecisionTable::collect(const Facts& facts, const KnowledgeReader& knowledge,
                                            Explanation* explanation) const {
  std::vector<std::uint32_t> held;
  index_.visit(facts, [&](std::uint32_t rank, std::span<const Clause* const> clauses) {
    if (all_hold(clauses, facts)) held.push_back(rank);
    return true;
  });
  std::sort(held.begin(), held.end());
  if (explanation != nullptr) *explanation = explain_rules(rules_, facts, /*all_win=*/true);
  std::vector<Outcome> outcomes;
  outcomes.reserve(held.size());
  for (const std::uint32_t rank : held) outcomes.push_back(outcome(rank, facts, knowledge));
  return outcomes;
}

}  // namespace switchyard
