// `rules check` for recipes: the grammar of every recipe and block library, without a checkpoint.
#pragma once

#include "engine/problem.h"
#include "engine/rule_book.h"

namespace switchyard::recipe {

// Reads every recipe in force, and every block of it and of the libraries it uses. Of a recipe's own
// structure the first fault is told, of blocks the first of each.
void check_recipes(const RuleBook& rules, Problems& problems);

}  // namespace switchyard::recipe
