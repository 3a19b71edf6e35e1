#include "engine/rule_index_builder.h"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace switchyard {

namespace {

constexpr std::size_t kLeafSize = 4;   // so few rules are tried faster than looked up
constexpr std::size_t kMaxDepth = 12;  // a guard; tables have fewer equality columns in use
// A rule that lists many values stands under each of them. Columns that would make the tree larger
// than this many times the table are left to the conditions themselves.
constexpr std::size_t kMaxCopies = 8;

}  // namespace

// The values for which a test can hold; false when they can't be listed. `exactly`: it holds for
// each of them.
bool RuleIndexBuilder::enumerate(const Test& test, Form& form, std::vector<Value>& values,
                                 bool& exactly) {
  using Op = Test::Op;
  exactly = true;
  switch (test.op) {
    case Op::kEqual:
      if (test.operand_fact || !is_key(test.operand)) return false;
      form = Form::kExact;
      values.push_back(test.operand);
      return true;
    case Op::kIn:
      if (test.operand_fact) return false;
      form = Form::kExact;
      values.assign(test.members.begin(), test.members.end());
      return std::all_of(values.begin(), values.end(), is_key);
    case Op::kAbsent:
      form = Form::kExact;
      values = {Value(), Value(""), Value(List{}), Value(Map{})};
      return true;
    case Op::kIEquals:
    case Op::kFoldsTo:
      if (test.operand_fact) return false;
      form = test.op == Op::kFoldsTo ? Form::kFold : Form::kLower;
      values.push_back(test.operand);
      return true;
    case Op::kAny:
      for (std::size_t i = 0; i < test.parts.size(); ++i) {
        Form part_form = Form::kExact;
        std::vector<Value> part_values;
        bool part_exactly = true;
        if (!enumerate(test.parts[i], part_form, part_values, part_exactly)) return false;
        if (i > 0 && part_form != form) return false;
        form = part_form;
        exactly = exactly && part_exactly;
        values.insert(values.end(), part_values.begin(), part_values.end());
      }
      return !test.parts.empty();
    case Op::kAll:
      for (const Test& part : test.parts) {
        values.clear();
        if (!enumerate(part, form, values, exactly)) continue;
        exactly = exactly && test.parts.size() == 1;
        return true;
      }
      return false;
    default:
      return false;
  }
}

RuleIndexBuilder::RuleIndexBuilder(const std::vector<const Conjunction*>& rules, RuleIndex& index)
    : rules_(rules),
      index_(index),
      keys_(rules.size()),
      copies_left_(kMaxCopies * rules.size() + 64) {
  for (std::size_t rank = 0; rank < rules.size(); ++rank) {
    for (const Clause& clause : *rules[rank]) {
      if (clause.kind != Clause::Kind::kColumn) continue;
      Keys keys;
      bool exactly = false;
      if (!enumerate(clause.test, keys.column.second, keys.values, exactly)) continue;
      keys.column.first = column_number(clause.column);
      if (exactly) keys.answered = &clause;
      keys_[rank].push_back(std::move(keys));
    }
  }
}

void RuleIndexBuilder::build() {
  std::vector<Entry> all(rules_.size());
  for (std::size_t rank = 0; rank < all.size(); ++rank) {
    all[rank].rank = static_cast<std::uint32_t>(rank);
  }
  build_node(std::move(all), {});
}

std::uint16_t RuleIndexBuilder::column_number(const Column& column) {
  std::vector<Column>& columns = index_.columns_;
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& known) {
    return known.path() == column.path();
  });
  const auto number = static_cast<std::uint16_t>(found - columns.begin());
  if (found == columns.end()) columns.push_back(column);
  return number;
}

const RuleIndexBuilder::Keys* RuleIndexBuilder::keys_of(const Entry& entry,
                                                        const ColumnForm& column) const {
  for (const Keys& keys : keys_[entry.rank]) {
    if (keys.column == column) return &keys;
  }
  return nullptr;
}

// False when no column is worth a look-up.
bool RuleIndexBuilder::choose(const std::vector<Entry>& entries,
                              const std::vector<ColumnForm>& used, ColumnForm& best) const {
  struct Choice {
    std::size_t asking = 0;  // rules that ask for values of the column
    std::size_t copies = 0;  // and for how many
    std::unordered_map<std::uint32_t, std::size_t> by_hash;
  };
  std::map<ColumnForm, Choice> choices;
  for (const Entry& entry : entries) {
    for (const Keys& keys : keys_[entry.rank]) {
      Choice& choice = choices[keys.column];
      ++choice.asking;
      choice.copies += keys.values.size();
      for (const Value& value : keys.values) ++choice.by_hash[hash(keys.column.second, value)];
    }
  }
  std::size_t best_gain = kLeafSize - 1;
  bool found = false;
  for (const auto& [column, choice] : choices) {
    if (std::find(used.begin(), used.end(), column) != used.end()) continue;
    if (choice.copies > choice.asking + copies_left_) continue;
    std::size_t largest = 0;
    for (const auto& [value_hash, count] : choice.by_hash) largest = std::max(largest, count);
    const std::size_t gain = choice.asking - std::min(largest, choice.asking);
    if (gain <= best_gain) continue;
    best_gain = gain;
    best = column;
    found = true;
  }
  return found;
}

std::vector<RuleIndexBuilder::Bucket> RuleIndexBuilder::split(std::vector<Entry> entries,
                                                              const ColumnForm& column,
                                                              std::vector<Entry>& otherwise) {
  std::vector<Bucket> buckets;
  std::unordered_multimap<std::uint32_t, std::size_t> bucket_of;
  for (Entry& entry : entries) {
    const Keys* keys = keys_of(entry, column);
    if (keys == nullptr) {
      otherwise.push_back(std::move(entry));
      continue;
    }
    if (keys->answered != nullptr) entry.answered.push_back(keys->answered);
    if (keys->values.size() > 1) copies_left_ -= std::min(copies_left_, keys->values.size() - 1);
    for (const Value& value : keys->values) {
      const std::uint32_t value_hash = hash(column.second, value);
      const auto [first, last] = bucket_of.equal_range(value_hash);
      const auto found = std::find_if(first, last, [&](const auto& candidate) {
        return same(column.second, buckets[candidate.second].key, value);
      });
      if (found == last) {
        bucket_of.emplace(value_hash, buckets.size());
        buckets.push_back({value, value_hash, {entry}});
      } else if (buckets[found->second].entries.back().rank != entry.rank) {
        buckets[found->second].entries.push_back(entry);
      }
    }
  }
  return buckets;
}

std::int32_t RuleIndexBuilder::build_node(std::vector<Entry> entries,
                                          std::vector<ColumnForm> used) {
  if (entries.empty()) return -1;
  const std::size_t at = index_.nodes_.size();
  index_.nodes_.emplace_back();
  ColumnForm column;
  if (entries.size() <= kLeafSize || used.size() == kMaxDepth || !choose(entries, used, column)) {
    build_leaf(at, entries);
    return static_cast<std::int32_t>(at);
  }
  used.push_back(column);
  std::vector<Entry> otherwise;
  std::vector<Bucket> buckets = split(std::move(entries), column, otherwise);

  std::uint32_t size = 4;
  while (size < 2 * buckets.size()) size *= 2;
  const auto begin = static_cast<std::uint32_t>(index_.slots_.size());
  index_.slots_.resize(begin + size);
  for (Bucket& bucket : buckets) {
    const std::int32_t child = build_node(std::move(bucket.entries), used);
    std::uint32_t slot = bucket.hash & (size - 1);
    while (index_.slots_[begin + slot].key != 0) slot = (slot + 1) & (size - 1);
    index_.keys_.push_back({std::move(bucket.key), child});
    index_.slots_[begin + slot] = {bucket.hash, static_cast<std::uint32_t>(index_.keys_.size())};
  }
  const std::int32_t rest = build_node(std::move(otherwise), used);
  index_.nodes_[at] = {column.first, column.second, false, begin, size, rest};
  return static_cast<std::int32_t>(at);
}

void RuleIndexBuilder::build_leaf(std::size_t at, const std::vector<Entry>& entries) {
  RuleIndex::Node& node = index_.nodes_[at];
  node.begin = static_cast<std::uint32_t>(index_.candidates_.size());
  node.size = static_cast<std::uint32_t>(entries.size());
  for (const Entry& entry : entries) {
    const auto first = static_cast<std::uint32_t>(index_.clauses_.size());
    for (const Clause& clause : *rules_[entry.rank]) {
      const auto& answered = entry.answered;
      if (std::find(answered.begin(), answered.end(), &clause) != answered.end()) continue;
      index_.clauses_.push_back(&clause);
    }
    const auto count = static_cast<std::uint32_t>(index_.clauses_.size()) - first;
    index_.candidates_.push_back({entry.rank, first, count});
  }
}

}  // namespace switchyard
