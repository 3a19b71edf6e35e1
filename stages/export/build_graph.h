// From a recipe, a config and a checkpoint's tensors to a graph: the part of export that needs
// neither a resolution nor an output file.
#pragma once

#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "engine/value.h"
#include "stages/checkpoint/weights.h"
#include "stages/export/graph/graph.h"
#include "stages/resolve/resolve.h"

namespace switchyard {

struct GraphRequest {
  std::string recipe;
  std::string task;
  // The task as the user wrote it or is shown it, where that differs; where the recipe has a head
  // of that name, it is the one taken (next-sentence-prediction is text-classification to the
  // exporter, and a head of its own).
  std::string shown_task;
  // A part of the recipe to build in place of the whole ("encoder"); empty: the whole.
  std::string part;
  Value config;   // config.json with the defaults of its model type laid under
  // A map of the user's export options, or null. Recipes read what they know; here
  // output_hidden_states and output_attentions (booleans) add the outputs of each layer.
  Value options;
  // What the model's ONNX configuration says of the inputs: a dimension that it names and the
  // recipe fixes is noted. May be empty.
  std::vector<TensorSpec> expected_inputs;
  Map axes;  // what the user makes of axes: AXIS -> size, name or null (stages/resolve/axes.h)
};

struct BuiltGraph {
  // Live nodes only; constant subgraphs are folded. Weights point into the checkpoint.
  graph::Graph graph;
  std::string recipe_file;
  std::vector<std::string> ignored;  // "NAMES: why", one line a reason
  std::vector<std::string> notes;
  std::vector<std::string> warnings;
};

// `weights` must outlive the result.
// Throws Error(kModel): no such recipe or task, a tensor missing, unused or of the wrong shape, an
// axis that the model fixes to another size than the user;
// Error(kUsage) with file:line:column: a wrong recipe.
BuiltGraph build_graph(const RuleBook& rules, const GraphRequest& request, const Weights& weights);

}  // namespace switchyard
