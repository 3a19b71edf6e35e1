// All of `rules check`: the table language, the resolution policy and the recipes.
#pragma once

#include <filesystem>
#include <vector>

#include "engine/problem.h"
#include "engine/rule_book.h"

namespace switchyard {

struct CheckOptions {
  RuleBookOptions rules;
  bool all_gaps = false;  // one warning for each gap of the policy, however many there are
};

// In the order of their places. Throws Error(kUsage) only when a directory can't be read.
Problems check_everything(const CheckOptions& options);

}  // namespace switchyard
