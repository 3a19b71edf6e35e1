// A checkpoint's tensors under the names by which they are seen: a whole checkpoint, or the model
// inside it that lies below one scope.
#pragma once

#include <string>
#include <vector>

#include "stages/checkpoint/weights.h"

namespace switchyard {

struct NamedTensor {
  std::string name;
  const StoredTensor* tensor = nullptr;  // never null; owned by the Weights
};
using TensorList = std::vector<NamedTensor>;

inline TensorList tensor_list(const Weights& weights) {
  TensorList list;
  list.reserve(weights.tensors().size());
  for (const StoredTensor& tensor : weights.tensors()) list.push_back({tensor.name, &tensor});
  return list;
}

}  // namespace switchyard
