// Which line of a recipe made which node: `recipe trace`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/error.h"
#include "engine/rule_book.h"
#include "stages/checkpoint/weights.h"
#include "stages/export/build_graph.h"
#include "stages/export/graph/graph.h"

namespace switchyard {

struct TracedTensor {
  std::string name;
  std::string type;  // "float32[batch_size, 768]"
  graph::Tensor::Source source = graph::Tensor::Source::kNode;
};

struct TracedNode {
  Place place;          // in the recipe: what a reader changes to change the node
  Place library_place;  // in the library block that `place` calls; unknown when the recipe made it
  std::string name;     // "/encoder/layer.0/Gemm"
  std::string op;
  std::vector<TracedTensor> inputs;  // an optional one left out has no name
  std::vector<TracedTensor> outputs;
};

struct NodeTrace {
  std::string recipe_file;
  // Of the graph as it would be written; every node made so far where the recipe stopped.
  std::vector<TracedNode> nodes;
  std::vector<std::string> warnings;
  // Why there would be no export; nothing when there would.
  std::optional<Error> stopped;
};

std::vector<TracedNode> traced_nodes(const graph::Graph& graph);

// As build_graph (build_graph.h), but a recipe that fails or leaves tensors unused gives what it
// made until then. Throws Error(kModel): no such recipe or task, a rule that refuses the
// checkpoint; Error(kUsage): a recipe that can't be read.
NodeTrace trace_nodes(const RuleBook& rules, const GraphRequest& request, const Weights& weights);

}  // namespace switchyard
