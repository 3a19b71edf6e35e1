// Explanations: which rules of a table were considered, how each fared, and what was looked at.
//
// Made only on request, beside the decision itself: every rule is tried in order here, where
// deciding walks an index.
#pragma once

#include <vector>

#include "engine/rule.h"

namespace switchyard {

// `rules`: best first. `all_win`: every rule that holds wins (hit policy `collect`), not only the
// first.
Explanation explain_rules(const std::vector<Rule>& rules, const Facts& facts, bool all_win);

}  // namespace switchyard
