// x[:, 0], x[:, 1:], x[..., None] on tensors: Slice, Gather and Unsqueeze nodes, or a view of a
// weight where only its first axis is cut.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "stages/export/graph/builder.h"
#include "stages/export/graph/item.h"

namespace switchyard::graph {

struct Subscript {
  enum class Kind { kIndex, kSlice, kEllipsis, kNewAxis };
  Kind kind = Kind::kIndex;
  Item index;                // kIndex: an integer, a symbolic integer or a tensor
  std::optional<Dim> start;  // kSlice
  std::optional<Dim> stop;
  std::optional<Dim> step;
};

// Throws Error(kUsage) at `spot` for too many indices, an index out of range, or an ellipsis or a
// negative symbolic index on a tensor of unknown rank.
TensorId subscript(Builder& builder, TensorId tensor, const std::vector<Subscript>& subscripts,
                   const std::string& scope, const recipe::Spot& spot);

}  // namespace switchyard::graph
