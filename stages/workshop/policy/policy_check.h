// What `rules check` knows of the resolution policy, beyond single tables: whether the tables agree
// with each other and with what the chain does with them.
//
// Names of tables and facts are those of rules/ (docs/resolution.md). A rule book without a table
// is not asked about it.
#pragma once

#include "engine/problem.h"
#include "engine/rule_book.h"

namespace switchyard {

struct PolicyCheckOptions {
  bool all_gaps = false;  // a warning for each gap, also where one file has many
};

// Appends the problems found; a table that the resolution needs and that is not there is one too.
void check_policy(const RuleBook& rules, Problems& problems,
                  const PolicyCheckOptions& options = {});

}  // namespace switchyard
