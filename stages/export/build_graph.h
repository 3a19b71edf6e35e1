// From a recipe, a config and a checkpoint's tensors to a graph: the part of export that needs
// neither a resolution nor an output file.
#pragma once

#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "engine/value.h"
#include "stages/checkpoint/safetensors.h"
#include "stages/export/graph/graph.h"

namespace switchyard {

struct GraphRequest {
  std::string recipe;
  std::string task;
  Value config;   // config.json with the defaults of its model type laid under
  Value options;  // a map of the user's export options, or null
};

struct BuiltGraph {
  // Live nodes only; constant subgraphs are folded. Weights point into the checkpoint.
  graph::Graph graph;
  std::string recipe_file;
  std::vector<std::string> ignored;   // "NAMES: why", one line a reason
  std::vector<std::string> notes;
  std::vector<std::string> warnings;
};

// `weights` must outlive the result.
// Throws Error(kModel): no such recipe or task, a tensor missing, unused or of the wrong shape;
// Error(kUsage) with file:line:column: a wrong recipe.
BuiltGraph build_graph(const RuleBook& rules, const GraphRequest& request, const Weights& weights);

}  // namespace switchyard
