// Explanations: which rules of a table were considered, how each fared, and what was looked at.
//
// Made only on request, beside the decision itself: every rule is tried in order here, where
// deciding walks an index.
#pragma once

#include <vector>

#include "engine/rule.h"

namespace switchyard {

// Appends every column that the condition may look at: its own, those inside any, all and not, and
// facts that stand as operands. The pointers live as long as the clause.
void list_columns(const Clause& clause, std::vector<const Column*>& columns);
// Likewise for outputs: references, keys and fields of look-ups, texts with facts in them.
void list_columns(const Template& output, std::vector<const Column*>& columns);
void list_columns(const Format& text, std::vector<const Column*>& columns);

// `rules`: best first. `all_win`: every rule that holds wins (hit policy `collect`), not only the
// first.
Explanation explain_rules(const std::vector<Rule>& rules, const Facts& facts, bool all_win);

}  // namespace switchyard
