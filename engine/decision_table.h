// A decision table in force: the rules of all layers merged, sorted and indexed.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/rule.h"
#include "engine/rule_index.h"

namespace switchyard {

// Immutable and thread-safe once built; stays where it is, since the index points into the rules.
class DecisionTable {
 public:
  DecisionTable(const DecisionTable&) = delete;
  DecisionTable& operator=(const DecisionTable&) = delete;
  // `layers`: the documents of this decision in each layer, the base first. Throws Error(kUsage),
  // or collects: a duplicate id within a layer, a hit policy that differs, an undeclared column or
  // output, a rule to disable or replace that no earlier layer has.
  // `names_checked`: the names were held against the declared ones before (embedded rules).
  DecisionTable(std::string name, std::vector<std::vector<DecisionDocument>> layers,
                Faults* faults = nullptr, bool names_checked = false);

  const std::string& name() const { return name_; }
  HitPolicy hit_policy() const { return hit_policy_; }
  // Best first.
  const std::vector<Rule>& rules() const { return rules_; }
  // Of all documents; none: any name goes.
  const std::vector<DeclaredName>& columns() const { return columns_; }
  const std::vector<DeclaredName>& outputs() const { return outputs_; }
  const std::vector<DisjointRules>& disjoint() const { return disjoint_; }

  // See RuleBook::decide and RuleBook::collect.
  std::optional<Outcome> decide(const Facts& facts, const KnowledgeReader& knowledge,
                                Explanation* explanation) const;
  std::vector<Outcome> collect(const Facts& facts, const KnowledgeReader& knowledge,
                               Explanation* explanation) const;

 private:
  // What an outcome is made of where nothing is left to compute, close together.
  struct Winner {
    RuleRef ref;
    Value literal;
    bool is_plain;  // `literal` is all
  };

  Outcome outcome(std::uint32_t rank, const Facts& facts, const KnowledgeReader& knowledge) const;
  [[noreturn]] void fail_not_unique(const Rule& first, const Rule& second) const;

  std::string name_;
  HitPolicy hit_policy_ = HitPolicy::kPriority;
  std::vector<Rule> rules_;
  std::vector<DeclaredName> columns_;
  std::vector<DeclaredName> outputs_;
  std::vector<DisjointRules> disjoint_;
  std::vector<Winner> winners_;  // by rank
  RuleIndex index_;
};

}  // namespace switchyard
