// What ONNX's shape inference lets pass and a runtime would refuse: operand shapes that disagree.
#pragma once

#include <optional>
#include <string>

#include "stages/export/graph/graph.h"

namespace switchyard::graph {

// Why the operands of `node` do not fit, or nothing. Only known dims are compared.
std::optional<std::string> check_shapes(const Graph& graph, const Node& node);

}  // namespace switchyard::graph
