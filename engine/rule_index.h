// Finds the rules that can hold without trying them all.
//
// A tree over the equality columns of a table. An inner node looks at one column: a hash table leads
// from the column's value to the rules that ask for it, and a second child holds the rules that ask
// nothing of the column. Each child may look at another column. A leaf is a short list of rules, best
// first. So the work for one decision grows with the columns and the rules that can match, not with
// the size of the table.
//
// Rejected: one bitset of rules per column value (value -> rows, and-ed together). It is simpler, but
// its time and its memory grow with the table: 10,000 rules are 157 words to and per column, and
// 10,000 values of 10,000 bits are 12 MB.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/condition.h"

namespace switchyard {

class RuleIndex {
 public:
  RuleIndex() = default;
  // `rules`: the conditions of each rule, best rule first. They are only read here.
  explicit RuleIndex(const std::vector<const Conjunction*>& rules);

  // Calls try_rule(rank) for every rule that can hold, in increasing rank within a leaf; a leaf is
  // left when try_rule gives false ("none after this one matters").
  template <typename TryRule>
  void visit(const Facts& facts, TryRule&& try_rule) const {
    if (!nodes_.empty()) visit_node(0, facts, try_rule);
  }

 private:
  // How the value of a column is brought into the form that rules ask for.
  enum class Form : std::uint8_t { kExact, kLower, kFold };

  struct Slot {
    std::size_t hash = 0;
    Value key;
    std::int32_t child = -1;  // -1: free
  };

  struct Node {
    Column column;
    Form form = Form::kExact;
    std::vector<Slot> slots;          // open addressing, a power of two; empty: a leaf
    std::int32_t otherwise = -1;      // the rules that ask nothing of the column; -1: none
    std::vector<std::uint32_t> rules;  // of a leaf
  };

  // The values of one column that a rule's condition can hold for.
  struct Keys {
    std::string path;
    Form form;
    std::vector<Value> values;
  };
  struct Builder;

  static bool enumerate(const Test& test, Form& form, std::vector<Value>& values);
  std::int32_t child_for(const Node& node, const Facts& facts) const;

  template <typename TryRule>
  void visit_node(std::int32_t at, const Facts& facts, TryRule&& try_rule) const {
    while (at >= 0) {
      const Node& node = nodes_[static_cast<std::size_t>(at)];
      if (node.slots.empty()) {
        for (const std::uint32_t rank : node.rules) {
          if (!try_rule(rank)) return;
        }
        return;
      }
      const std::int32_t child = child_for(node, facts);
      if (child >= 0) visit_node(child, facts, try_rule);
      at = node.otherwise;
    }
  }

  std::vector<Node> nodes_;  // the first is the root
};

}  // namespace switchyard
