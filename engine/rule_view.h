// A decision's rules as they stand, for checks that look at them instead of evaluating them.
#pragma once

#include <string_view>

#include "engine/decision_table.h"
#include "engine/rule_book.h"

namespace switchyard {

// Null when there is no such decision. Lives as long as the book. Throws Error(kUsage) for faults
// in its documents.
const DecisionTable* view_decision(const RuleBook& book, std::string_view decision);

}  // namespace switchyard
