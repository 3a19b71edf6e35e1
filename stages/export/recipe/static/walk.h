// Follows the statements of a recipe with the names that each can see.
#pragma once

#include "engine/problem.h"
#include "stages/export/recipe/recipe.h"

namespace switchyard::recipe {

// `incomplete`: parts of the recipe could not be read; what seems unknown may be set there, and
// what seems unused, used.
void check_names_and_calls(const Recipe& recipe, bool library, bool incomplete, Problems& problems);

}  // namespace switchyard::recipe
