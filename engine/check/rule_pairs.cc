#include "engine/check/rule_pairs.h"

#include <algorithm>
#include <optional>

#include "engine/text.h"

namespace switchyard {

namespace {

std::string key_of(const Value& value) {
  if (value.is_string()) return "s" + fold(trim(value.as_string()));
  return "v" + (value.is_number() ? Value(value.as_double()) : value).to_json();
}

// The values of which a test asks for one; nothing when it can be met by others.
std::optional<std::vector<std::string>> keys_of(const Test& test) {
  if (test.operand_fact) return std::nullopt;
  std::vector<std::string> keys;
  switch (test.op) {
    case Test::Op::kEqual:
    case Test::Op::kIEquals:
    case Test::Op::kFoldsTo:
      keys.push_back(key_of(test.operand));
      return keys;
    case Test::Op::kIn:
      for (const Value& member : test.members) keys.push_back(key_of(member));
      return keys;
    case Test::Op::kAbsent:
      return std::vector<std::string>{key_of(nullptr), key_of(""), key_of(List{}), key_of(Map{})};
    case Test::Op::kAny:
      for (const Test& part : test.parts) {
        const auto more = keys_of(part);
        if (!more) return std::nullopt;
        keys.insert(keys.end(), more->begin(), more->end());
      }
      return keys;
    case Test::Op::kAll:
      for (const Test& part : test.parts) {
        if (auto some = keys_of(part)) return some;
      }
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace

RulePairs::RulePairs(const std::vector<Rule>& rules) {
  std::map<std::string, std::size_t> asked;
  for (const Rule& rule : rules) {
    Keys keys;
    for (const Clause& clause : rule.when) {
      if (clause.kind != Clause::Kind::kColumn) continue;
      auto values = keys_of(clause.test);
      if (!values) continue;
      ++asked[clause.column.path()];
      keys.emplace(clause.column.path(), std::move(*values));
    }
    keys_.push_back(std::move(keys));
  }
  const auto most = std::max_element(
      asked.begin(), asked.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most != asked.end()) column_ = most->first;
  for (std::size_t rank = 0; rank < keys_.size(); ++rank) {
    const auto found = keys_[rank].find(column_);
    if (found == keys_[rank].end()) {
      others_.push_back(rank);
      continue;
    }
    for (const std::string& value : found->second) by_value_[value].push_back(rank);
  }
}

bool RulePairs::may_meet(const Keys& a, const Keys& b) const {
  return std::all_of(a.begin(), a.end(), [&](const auto& entry) {
    const auto other = b.find(entry.first);
    if (other == b.end()) return true;
    return std::any_of(entry.second.begin(), entry.second.end(), [&](const std::string& value) {
      return std::find(other->second.begin(), other->second.end(), value) != other->second.end();
    });
  });
}

std::vector<std::size_t> RulePairs::better(std::size_t rank) const {
  std::vector<std::size_t> ranks;
  const auto consider = [&](const std::vector<std::size_t>& some) {
    for (const std::size_t other : some) {
      if (other >= rank) break;
      if (may_meet(keys_[rank], keys_[other])) ranks.push_back(other);
    }
  };
  const auto keys = keys_[rank].find(column_);
  if (keys == keys_[rank].end()) {
    for (std::size_t other = 0; other < rank; ++other) {
      if (may_meet(keys_[rank], keys_[other])) ranks.push_back(other);
    }
    return ranks;
  }
  consider(others_);
  for (const std::string& value : keys->second) {
    const auto found = by_value_.find(value);
    if (found != by_value_.end()) consider(found->second);
  }
  std::sort(ranks.begin(), ranks.end());
  ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
  return ranks;
}

}  // namespace switchyard
