// Where a piece of a recipe stands. Cheap to copy: the file name is owned by the recipe.
#pragma once

#include <string>

#include "engine/error.h"

namespace switchyard::recipe {

struct Spot {
  const std::string* file = nullptr;
  int line = 0;
  int column = 0;

  Place place() const { return file ? Place{*file, line, column} : Place{}; }
};

}  // namespace switchyard::recipe
