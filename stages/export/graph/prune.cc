#include "stages/export/graph/prune.h"

#include <algorithm>

namespace switchyard::graph {

std::vector<bool> read_tensors(const Graph& graph) {
  std::vector<bool> read(graph.tensors.size(), false);
  for (const Output& output : graph.outputs) read[static_cast<std::size_t>(output.tensor)] = true;
  for (const Node& node : graph.nodes) {
    for (TensorId id : node.inputs) {
      if (id != kNoTensor) read[static_cast<std::size_t>(id)] = true;
    }
  }
  return read;
}

void prune(Graph& graph) {
  std::vector<bool> wanted(graph.tensors.size(), false);
  for (const Output& output : graph.outputs) wanted[static_cast<std::size_t>(output.tensor)] = true;
  std::vector<bool> live(graph.nodes.size(), false);
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const Node& node = graph.nodes[i];
    live[i] = std::any_of(node.outputs.begin(), node.outputs.end(), [&](TensorId id) {
      return id != kNoTensor && wanted[static_cast<std::size_t>(id)];
    });
    if (!live[i]) continue;
    for (TensorId id : node.inputs) {
      if (id != kNoTensor) wanted[static_cast<std::size_t>(id)] = true;
    }
  }
  std::vector<Node> kept;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!live[i]) continue;
    for (TensorId id : graph.nodes[i].outputs)
      graph.tensors[static_cast<std::size_t>(id)].node = static_cast<int>(kept.size());
    kept.push_back(std::move(graph.nodes[i]));
  }
  graph.nodes = std::move(kept);
}

}  // namespace switchyard::graph
