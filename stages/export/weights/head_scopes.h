// Which tensors a head may use, read off its statements without running them.
#pragma once

#include <set>
#include <string>

#include "stages/export/recipe/recipe.h"

namespace switchyard {

// Patterns such as "classifier.*"; {expressions} in scopes count as any text.
std::set<std::string> head_scopes(const recipe::Recipe& recipe, const recipe::Head& head);

}  // namespace switchyard
