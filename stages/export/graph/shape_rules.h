// Symbolic knowledge that ONNX's shape inference does not have: what Reshape, Concat, Slice and the
// like do to dims that are expressions.
#pragma once

#include <vector>

#include "stages/export/graph/graph.h"

namespace switchyard::graph {

// Fills in dims that inference left open (axis "?") or whole shapes; never contradicts a known dim.
void sharpen(const Graph& graph, const Node& node, std::vector<TensorType>& outputs);

}  // namespace switchyard::graph
