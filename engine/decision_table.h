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
  // `layers`: the documents of this decision in each layer, the base first. Throws Error(kUsage):
  // a duplicate id within a layer, a hit policy that differs, an undeclared column or output, a
  // `disabled` rule that no earlier layer has.
  DecisionTable(std::string name, std::vector<std::vector<DecisionDocument>> layers);

  const std::string& name() const { return name_; }
  HitPolicy hit_policy() const { return hit_policy_; }
  // Best first.
  const std::vector<Rule>& rules() const { return rules_; }
  // The documents that it is made of, the base's first.
  const std::vector<YamlNode>& documents() const { return documents_; }

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
  std::vector<YamlNode> documents_;
  std::vector<Rule> rules_;
  std::vector<Winner> winners_;  // by rank
  RuleIndex index_;
};

}  // namespace switchyard
