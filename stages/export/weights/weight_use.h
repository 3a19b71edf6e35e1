// A tensor that a recipe asked for by name.
#pragma once

#include <string>

#include "stages/export/spot.h"
#include "stages/export/weights/names.h"

namespace switchyard {

struct WeightUse {
  std::string name;  // whole, as the recipe's scopes and names make it
  NameMatch found;   // found.tensor null: the checkpoint has none
  bool optional = false;
  recipe::Spot spot;
};

}  // namespace switchyard
