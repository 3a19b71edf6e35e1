// Which rules of a table could hold together at all, found without looking at every pair.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/rule.h"

namespace switchyard {

// Rules that ask for different values of one column exclude each other. The rules must outlive
// this.
class RulePairs {
 public:
  explicit RulePairs(const std::vector<Rule>& rules);

  // The ranks below `rank` (better rules) that `rank` does not exclude by its values, in order.
  std::vector<std::size_t> better(std::size_t rank) const;

 private:
  // Column -> the values, in a form in which different spellings of a name are the same.
  using Keys = std::map<std::string, std::vector<std::string>>;

  bool may_meet(const Keys& a, const Keys& b) const;

  std::vector<Keys> keys_;  // by rank
  // By the values of the column that most rules ask for; and the rules that don't ask for it.
  std::string column_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_value_;
  std::vector<std::size_t> others_;
};

}  // namespace switchyard
