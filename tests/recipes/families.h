// The families that the shipped recipes make: one card for each recipe, found in tests/data/recipes.
#pragma once

#include <string>
#include <vector>

#include "stages/export/build_graph.h"
#include "tests/recipes/support.h"

namespace switchyard::recipes_test {

struct Family {
  std::string recipe;      // "timm/resnet"
  std::string card;        // "timm__resnet18", of the recipe's cards the one with the shortest file
  Checkpoint checkpoint;
  GraphRequest request;    // as the rules resolve the card
};

// Sorted by recipe. A new recipe becomes a family by the card that is put into the folder.
const std::vector<Family>& families();

// For a test's name: letters, digits and _.
std::string test_name(const std::string& text);
void PrintTo(const Family& family, std::ostream* out);

}  // namespace switchyard::recipes_test
