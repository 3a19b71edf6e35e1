// Reshapes that cost less than they say.
#pragma once

#include <vector>

#include "stages/export/graph/builder.h"

namespace switchyard::graph {

// The target shape with 0 where a dim is the input's at the same index, and -1 for one symbolic dim
// where that is certain: often nothing is left to compute at run time.
std::vector<Dim> shortened_shape(const TensorType& input, const std::vector<Dim>& target);

// A weight under a constant shape is the same bytes: a view of it, or kNoTensor when the shape is
// not known or does not fit (the node's own checks then say so).
TensorId reshaped_weight(Builder& builder, TensorId weight, TensorId shape);

}  // namespace switchyard::graph
