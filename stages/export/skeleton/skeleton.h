// `recipe new`: a first recipe for a checkpoint, for its author to go on from.
#pragma once

#include <string>
#include <vector>

#include "engine/value.h"
#include "stages/export/weights/tensor_list.h"
#include "stages/resolve/resolve.h"

namespace switchyard {

struct SkeletonRequest {
  std::string name;        // of the recipe
  std::string model_type;  // tells a base model's scope from others; may be empty
  std::string task;
  Value config;
  std::vector<TensorSpec> inputs;   // may be empty
  std::vector<TensorSpec> outputs;  // may be empty
};

// The text of the recipe. It can be read, passes `recipe check`, and every tensor stands in it, in
// the order of the file: repeated layers in loops, modules that their tensors tell apart as calls,
// the rest by name. It does not know how modules are wired.
std::string recipe_skeleton(const SkeletonRequest& request, const TensorList& tensors);

}  // namespace switchyard
