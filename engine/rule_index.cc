#include "engine/rule_index.h"

#include "engine/rule_index_builder.h"
#include "engine/text.h"
#include "engine/value_hash.h"

namespace switchyard {

namespace {

const Value kNull;

// FNV-1a, because the value is normalized character by character as it is hashed.
template <typename Normalize>
std::uint64_t hash_text(std::string_view text, Normalize normalize) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(normalize(c))) * 1099511628211u;
  }
  return hash;
}

}  // namespace

bool RuleIndexBuilder::is_key(const Value& value) {
  if (value.is_list()) return value.as_list().empty();
  return !value.is_map() || value.as_map().empty();
}

std::uint32_t RuleIndexBuilder::hash(Form form, const Value& value) {
  std::uint64_t hash = 0;
  switch (form) {
    case Form::kExact:
      hash = hash_value(value);
      break;
    case Form::kLower:
      hash = hash_text(trim(value.as_string()), lower_char);
      break;
    case Form::kFold:
      hash = hash_text(value.as_string(), fold_char);
      break;
  }
  return static_cast<std::uint32_t>(hash ^ (hash >> 32));
}

bool RuleIndexBuilder::same(Form form, const Value& a, const Value& b) {
  switch (form) {
    case Form::kExact:
      return a == b;
    case Form::kLower:
      return iequals(a.as_string(), b.as_string());
    case Form::kFold:
      return folds_to(a.as_string(), b.as_string());
  }
  return false;
}

RuleIndex::RuleIndex(const std::vector<const Conjunction*>& rules) {
  RuleIndexBuilder(rules, *this).build();
}

std::int32_t RuleIndex::child_for(const Node& node, const Facts& facts) const {
  const Value* maybe = columns_[node.column].read(facts);
  const Value& value = maybe != nullptr ? *maybe : kNull;
  const bool may_match =
      node.form == Form::kExact ? RuleIndexBuilder::is_key(value) : value.is_string();
  if (!may_match) return -1;
  const std::uint32_t hash = RuleIndexBuilder::hash(node.form, value);
  const std::uint32_t mask = node.size - 1;
  for (std::uint32_t at = hash & mask;; at = (at + 1) & mask) {
    const Slot& slot = slots_[node.begin + at];
    if (slot.key == 0) return -1;
    if (slot.hash != hash) continue;
    const Key& key = keys_[slot.key - 1];
    if (RuleIndexBuilder::same(node.form, key.value, value)) return key.child;
  }
}

}  // namespace switchyard
