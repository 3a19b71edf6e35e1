// What is wrong with a decision table whose rules were all read: the single checks of `rules
// check`.
#pragma once

#include "engine/check/satisfy.h"
#include "engine/decision_table.h"
#include "engine/problem.h"
#include "engine/rule_catalog.h"

namespace switchyard {

// A problem of a rule. Defaults: an error, at the rule.
Problem rule_problem(const DecisionTable& table, const Rule& rule, std::string kind,
                     std::string what, std::string mend);

// The values that the declared columns can have, where they are few enough to be tried.
AllowedValues allowed_values(const DecisionTable& table, const RuleCatalog& catalog);

// Rules that hold together with different outputs, rules that can never win, and rules named in
// `disjoint` that are not there.
void check_collisions(const DecisionTable& table, const AllowedValues& allowed, Problems& problems);

// Values in conditions and outputs that a declared name can't have, fields that no row of a
// knowledge table has.
void check_values(const DecisionTable& table, const RuleCatalog& catalog, Problems& problems);

// Regular expressions that match the empty text.
void check_patterns(const DecisionTable& table, Problems& problems);

// Overlays that seem to mean something which is not there.
void check_overlays(const RuleCatalog& catalog, Problems& problems);

}  // namespace switchyard
