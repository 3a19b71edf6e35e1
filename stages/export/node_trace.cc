#include "stages/export/node_trace.h"

namespace switchyard {
namespace {

TracedTensor traced(const graph::Graph& graph, graph::TensorId id) {
  if (id == graph::kNoTensor) return {};
  const graph::Tensor& tensor = graph.tensors[static_cast<std::size_t>(id)];
  return {tensor.name, tensor.type.text(), tensor.source};
}

}  // namespace

std::vector<TracedNode> traced_nodes(const graph::Graph& graph) {
  std::vector<TracedNode> nodes;
  nodes.reserve(graph.nodes.size());
  for (const graph::Node& node : graph.nodes) {
    TracedNode one;
    const bool in_library = node.caller.file != nullptr;
    one.place = in_library ? node.caller.place() : node.spot.place();
    if (in_library) one.library_place = node.spot.place();
    one.name = node.name;
    one.op = node.op;
    for (const graph::TensorId id : node.inputs) one.inputs.push_back(traced(graph, id));
    for (const graph::TensorId id : node.outputs) one.outputs.push_back(traced(graph, id));
    nodes.push_back(std::move(one));
  }
  return nodes;
}

}  // namespace switchyard
