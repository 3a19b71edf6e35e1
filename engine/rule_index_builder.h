// Builds a RuleIndex: chooses, node by node, the column that tells the rules best apart.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/rule_index.h"

namespace switchyard {

class RuleIndexBuilder {
 public:
  using Form = RuleIndex::Form;

  RuleIndexBuilder(const std::vector<const Conjunction*>& rules, RuleIndex& index);
  void build();

  // What the index and its builder must agree on: which values are hashed, how, and when two of
  // them are one key of a column. For the normalizing forms the values are strings.
  static bool is_key(const Value& value);
  static std::uint32_t hash(Form form, const Value& value);
  static bool same(Form form, const Value& a, const Value& b);

 private:
  using ColumnForm = std::pair<std::uint16_t, Form>;

  // One clause of a rule whose column can have a few values only, if the clause is to hold.
  struct Keys {
    ColumnForm column;
    std::vector<Value> values;
    const Clause* answered = nullptr;  // the clause, when having one of the values is all it asks
  };
  // A rule on its way down the tree, with the clauses that are answered so far.
  struct Entry {
    std::uint32_t rank;
    std::vector<const Clause*> answered;
  };
  struct Bucket {
    Value key;
    std::uint32_t hash;
    std::vector<Entry> entries;
  };

  static bool enumerate(const Test& test, Form& form, std::vector<Value>& values, bool& exactly);
  std::uint16_t column_number(const Column& column);
  const Keys* keys_of(const Entry& entry, const ColumnForm& column) const;
  bool choose(const std::vector<Entry>& entries, const std::vector<ColumnForm>& used,
              ColumnForm& best) const;
  std::int32_t build_node(std::vector<Entry> entries, std::vector<ColumnForm> used);
  void build_leaf(std::size_t at, const std::vector<Entry>& entries);
  std::vector<Bucket> split(std::vector<Entry> entries, const ColumnForm& column,
                            std::vector<Entry>& otherwise);

  const std::vector<const Conjunction*>& rules_;
  RuleIndex& index_;
  std::vector<std::vector<Keys>> keys_;  // by rank
  std::size_t copies_left_;
};

}  // namespace switchyard
