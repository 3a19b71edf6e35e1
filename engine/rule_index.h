// Finds the rules that can hold without trying them all.
//
// A tree over the equality columns of a table. An inner node looks at one column: a hash table
// leads from the column's value to the rules that ask for it, and a second child holds the rules
// that ask nothing of the column. Each child may look at another column. A leaf is a short list of
// rules, best first. So the work for one decision grows with the columns and the rules that can
// match, not with the size of the table. Conditions that the way through the tree has answered are
// not tried again.
//
// Nodes, slots, keys and leaf entries lie in four flat arrays, so that a large table costs few
// cache misses more than a small one.
//
// Rejected: one bitset of rules per column value (value -> rows, and-ed together). It is simpler,
// but its time and its memory grow with the table: 10,000 rules are 157 words to and per column,
// and 10,000 values of 10,000 bits are 12 MB.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/condition.h"

namespace switchyard {

class RuleIndex {
 public:
  RuleIndex() = default;
  // `rules`: the conditions of each rule, best rule first; they must outlive the index.
  explicit RuleIndex(const std::vector<const Conjunction*>& rules);

  // Calls try_rule(rank, clauses) for every rule that can hold, in increasing rank within a leaf:
  // it holds when all of the clauses hold. A leaf is left when try_rule gives false ("none after
  // this one matters").
  template <typename TryRule>
  void visit(const Facts& facts, TryRule&& try_rule) const {
    if (!nodes_.empty()) visit_node(0, facts, try_rule);
  }

 private:
  friend class RuleIndexBuilder;

  // How the value of a column is brought into the form that rules ask for.
  enum class Form : std::uint8_t { kExact, kLower, kFold };

  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t key = 0;  // 1 + position in keys_; 0: free
  };
  struct Key {
    Value value;
    std::int32_t child;
  };
  struct Candidate {
    std::uint32_t rank;
    std::uint32_t first_clause;  // in clauses_
    std::uint32_t clauses;
  };

  struct Node {
    std::uint16_t column = 0;  // in columns_
    Form form = Form::kExact;
    bool is_leaf = true;
    std::uint32_t begin = 0;      // in slots_, or in candidates_ for a leaf
    std::uint32_t size = 0;       // slots: a power of two
    std::int32_t otherwise = -1;  // the rules that ask nothing of the column; -1: none
  };

  std::int32_t child_for(const Node& node, const Facts& facts) const;

  template <typename TryRule>
  void visit_node(std::int32_t at, const Facts& facts, TryRule&& try_rule) const {
    while (at >= 0) {
      const Node& node = nodes_[static_cast<std::size_t>(at)];
      if (node.is_leaf) {
        for (std::uint32_t i = node.begin; i < node.begin + node.size; ++i) {
          const Candidate& candidate = candidates_[i];
          const std::span clauses(clauses_.data() + candidate.first_clause, candidate.clauses);
          if (!try_rule(candidate.rank, clauses)) return;
        }
        return;
      }
      const std::int32_t child = child_for(node, facts);
      if (child >= 0) visit_node(child, facts, try_rule);
      at = node.otherwise;
    }
  }

  std::vector<Column> columns_;
  std::vector<Node> nodes_;  // the first is the root
  std::vector<Slot> slots_;
  std::vector<Key> keys_;
  std::vector<Candidate> candidates_;
  std::vector<const Clause*> clauses_;
};

}  // namespace switchyard
