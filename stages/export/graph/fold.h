// Evaluates what depends on constants alone, once, at export.
#pragma once

#include "stages/export/graph/graph.h"

namespace switchyard::graph {

// Replaces maximal subgraphs of constants by their results, computed by ONNX Runtime, which is
// loaded only when there is something to fold. Results beyond 64 MiB stay nodes.
// Throws Error(kModel) when ONNX Runtime can't be loaded or refuses a node.
void fold_constants(Graph& graph);

}  // namespace switchyard::graph
