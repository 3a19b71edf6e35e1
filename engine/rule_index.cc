#include "engine/rule_index.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "engine/text.h"

namespace switchyard {

namespace {

const Value kNull;

constexpr std::size_t kLeafSize = 4;   // so few rules are tried faster than looked up
constexpr std::size_t kMaxDepth = 12;  // a guard; tables have fewer equality columns in use
// A rule that lists many values stands under each of them. Columns that would make the tree larger
// than this many times the table are left to the conditions themselves.
constexpr std::size_t kMaxCopies = 8;

// FNV-1a, because the value is normalized character by character as it is hashed.
template <typename Normalize>
std::size_t hash_text(std::string_view text, Normalize normalize) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(normalize(c))) * 1099511628211u;
  }
  return hash ^ (hash >> 32);
}

bool is_scalar_or_empty(const Value& value) {
  if (value.is_list()) return value.as_list().empty();
  return !value.is_map() || value.as_map().empty();
}

}  // namespace

// The values for which a test can hold; false when they can't be listed. More than the true ones
// does no harm, since the conditions are tried all the same.
bool RuleIndex::enumerate(const Test& test, Form& form, std::vector<Value>& values) {
  using Op = Test::Op;
  switch (test.op) {
    case Op::kEqual:
      if (test.operand_fact || !is_scalar_or_empty(test.operand)) return false;
      form = Form::kExact;
      values.push_back(test.operand);
      return true;
    case Op::kIn:
      if (test.operand_fact) return false;
      form = Form::kExact;
      values.assign(test.members.begin(), test.members.end());
      return std::all_of(values.begin(), values.end(), is_scalar_or_empty);
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
    case Op::kAny: {
      for (std::size_t i = 0; i < test.parts.size(); ++i) {
        Form part_form = Form::kExact;
        std::vector<Value> part_values;
        if (!enumerate(test.parts[i], part_form, part_values)) return false;
        if (i > 0 && part_form != form) return false;
        form = part_form;
        values.insert(values.end(), part_values.begin(), part_values.end());
      }
      return !test.parts.empty();
    }
    case Op::kAll:
      for (const Test& part : test.parts) {
        values.clear();
        if (enumerate(part, form, values)) return true;
      }
      return false;
    default:
      return false;
  }
}

namespace {

std::size_t hash_lower(std::string_view text) { return hash_text(trim(text), lower_char); }
std::size_t hash_fold(std::string_view text) { return hash_text(text, fold_char); }

}  // namespace

struct RuleIndex::Builder {
  const std::vector<std::vector<Keys>>& keys;  // by rank
  std::vector<Node>& nodes;
  std::size_t copies_left;

  static std::size_t hash(Form form, const Value& value) {
    if (form == Form::kExact) return hash_value(value);
    return form == Form::kLower ? hash_lower(value.as_string()) : hash_fold(value.as_string());
  }
  static bool same(Form form, const Value& a, const Value& b) {
    if (form == Form::kExact) return a == b;
    return form == Form::kLower ? iequals(a.as_string(), b.as_string())
                                : folds_to(a.as_string(), b.as_string());
  }

  using ColumnForm = std::pair<std::string, Form>;
  struct Choice {
    std::size_t asking = 0;   // rules that ask for values of the column
    std::size_t copies = 0;   // and for how many
    std::unordered_map<std::size_t, std::size_t> by_hash;
  };

  const Keys* keys_of(std::uint32_t rank, const ColumnForm& column) const {
    for (const Keys& key : keys[rank]) {
      if (key.path == column.first && key.form == column.second) return &key;
    }
    return nullptr;
  }

  // The column whose values tell the rules best apart; false when no column does.
  bool choose(const std::vector<std::uint32_t>& rules, const std::vector<ColumnForm>& used,
              ColumnForm& best) const {
    std::map<ColumnForm, Choice> choices;
    for (const std::uint32_t rank : rules) {
      for (const Keys& key : keys[rank]) {
        Choice& choice = choices[{key.path, key.form}];
        ++choice.asking;
        choice.copies += key.values.size();
        for (const Value& value : key.values) ++choice.by_hash[hash(key.form, value)];
      }
    }
    std::size_t best_gain = kLeafSize - 1;
    bool found = false;
    for (const auto& [column, choice] : choices) {
      if (std::find(used.begin(), used.end(), column) != used.end()) continue;
      if (choice.copies > choice.asking && choice.copies - choice.asking > copies_left) continue;
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

  std::int32_t build(std::vector<std::uint32_t> rules, std::vector<ColumnForm> used) {
    if (rules.empty()) return -1;
    const std::size_t at = nodes.size();
    nodes.emplace_back();
    ColumnForm column;
    if (rules.size() <= kLeafSize || used.size() == kMaxDepth || !choose(rules, used, column)) {
      nodes[at].rules = std::move(rules);
      return static_cast<std::int32_t>(at);
    }
    used.push_back(column);

    struct Bucket {
      std::size_t hash;
      Value key;
      std::vector<std::uint32_t> rules;
    };
    std::vector<Bucket> buckets;
    std::unordered_multimap<std::size_t, std::size_t> bucket_of;
    std::vector<std::uint32_t> otherwise;
    for (const std::uint32_t rank : rules) {
      const Keys* key = keys_of(rank, column);
      if (key == nullptr) {
        otherwise.push_back(rank);
        continue;
      }
      copies_left -= std::min(copies_left, key->values.size() - std::min<std::size_t>(1, key->values.size()));
      for (const Value& value : key->values) {
        const std::size_t value_hash = hash(column.second, value);
        const auto [first, last] = bucket_of.equal_range(value_hash);
        const auto found = std::find_if(first, last, [&](const auto& candidate) {
          return same(column.second, buckets[candidate.second].key, value);
        });
        if (found == last) {
          bucket_of.emplace(value_hash, buckets.size());
          buckets.push_back({value_hash, value, {rank}});
        } else if (buckets[found->second].rules.back() != rank) {
          buckets[found->second].rules.push_back(rank);
        }
      }
    }

    std::size_t size = 4;
    while (size < 2 * buckets.size()) size *= 2;
    std::vector<Slot> slots(size);
    for (Bucket& bucket : buckets) {
      std::size_t slot = bucket.hash & (size - 1);
      while (slots[slot].child >= 0) slot = (slot + 1) & (size - 1);
      slots[slot] = {bucket.hash, bucket.key, build(std::move(bucket.rules), used)};
    }
    const std::int32_t rest = build(std::move(otherwise), used);
    nodes[at].column = Column(column.first);
    nodes[at].form = column.second;
    nodes[at].slots = std::move(slots);
    nodes[at].otherwise = rest;
    return static_cast<std::int32_t>(at);
  }
};

RuleIndex::RuleIndex(const std::vector<const Conjunction*>& rules) {
  std::vector<std::vector<Keys>> keys(rules.size());
  std::vector<std::uint32_t> all(rules.size());
  for (std::size_t rank = 0; rank < rules.size(); ++rank) {
    all[rank] = static_cast<std::uint32_t>(rank);
    for (const Clause& clause : *rules[rank]) {
      Keys key;
      if (clause.kind != Clause::Kind::kColumn) continue;
      key.path = clause.column.path();
      if (enumerate(clause.test, key.form, key.values)) keys[rank].push_back(std::move(key));
    }
  }
  Builder builder{keys, nodes_, kMaxCopies * rules.size() + 64};
  builder.build(std::move(all), {});
}

std::int32_t RuleIndex::child_for(const Node& node, const Facts& facts) const {
  const Value* maybe = node.column.read(facts);
  const Value& value = maybe != nullptr ? *maybe : kNull;
  if (node.form == Form::kExact ? !is_scalar_or_empty(value) : !value.is_string()) return -1;
  const std::size_t hash = Builder::hash(node.form, value);
  const std::size_t mask = node.slots.size() - 1;
  for (std::size_t at = hash & mask; node.slots[at].child >= 0; at = (at + 1) & mask) {
    const Slot& slot = node.slots[at];
    if (slot.hash == hash && Builder::same(node.form, slot.key, value)) return slot.child;
  }
  return -1;
}

}  // namespace switchyard
