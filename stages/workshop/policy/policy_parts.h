// The parts of check_policy, one subject each. All append to `problems` and throw as it does.
#pragma once

#include "engine/problem.h"
#include "engine/rule_book.h"

namespace switchyard::policy {

// A sentinel (model type, task null) needs a row of its own in `model_class` for its task, of the
// same class.
void check_sentinels(const RuleBook& rules, Problems& problems);

// Model types for which only the last resort decides the task: warnings.
void check_gaps(const RuleBook& rules, bool all, Problems& problems);

// A surfaced variant of a task exists only when calibration and evaluator decide it by name.
void check_variants(const RuleBook& rules, Problems& problems);

// Model types, tasks, classes and recipes that one table names and another must have.
void check_names(const RuleBook& rules, Problems& problems);

// Facts that no stage sets.
void check_facts(const RuleBook& rules, Problems& problems);

}  // namespace switchyard::policy
