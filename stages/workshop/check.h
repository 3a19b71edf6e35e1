// All of `rules check`: the table language, the resolution policy and the recipes.
#pragma once

#include <string>
#include <vector>

#include "engine/problem.h"
#include "engine/rule_book.h"

namespace switchyard {

struct CheckOptions {
  RuleBookOptions rules;
  bool all_gaps = false;  // one warning for each gap of the policy, however many there are
  std::vector<std::string> corpora;  // requests that must agree with what is declared disjoint
};

// In the order of their places. Throws Error(kUsage) only when a directory can't be read, and
// Error(kModel) when a corpus can't.
Problems check_everything(const CheckOptions& options);

}  // namespace switchyard
