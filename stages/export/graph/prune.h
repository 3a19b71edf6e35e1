// Drops what no output needs: nodes, and with them weights and constants.
#pragma once

#include <vector>

#include "stages/export/graph/graph.h"

namespace switchyard::graph {

void prune(Graph& graph);

// For each tensor: whether a node reads it or an output is it.
std::vector<bool> read_tensors(const Graph& graph);

}  // namespace switchyard::graph
