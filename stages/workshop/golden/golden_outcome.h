// What the rules say to a golden case, in the form in which golden files hold it.
#pragma once

#include "engine/rule_book.h"
#include "engine/value.h"
#include "stages/resolve/trace.h"
#include "stages/workshop/golden/golden_case.h"

namespace switchyard {

// The outcome of a request of the chain: a map of fields, with the rules' ids under "rules"; or
// {"error": ...}. Throws Error(kUsage) only: a rule is wrong.
Value golden_outcome(const RuleBook& rules, const Value& request, Trace* trace = nullptr);

// The outcome of any case. With `trace`, what was asked on the way is appended to it.
// Throws Error(kUsage): there is no such decision table, or a rule is wrong.
Value golden_outcome(const RuleBook& rules, const GoldenCase& golden, Trace* trace = nullptr);

}  // namespace switchyard
