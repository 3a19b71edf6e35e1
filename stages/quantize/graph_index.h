// Inside stages/quantize: who makes and who reads each tensor of a graph.
#pragma once

#include <onnx/onnx_pb.h>

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace switchyard {

// One reading of a tensor: input `slot` of node `node`.
struct Use {
  int node = 0;
  int slot = 0;
};

// A snapshot of the graph's top level; valid while the graph is not changed. Graphs inside nodes
// (If, Loop) are looked into only for the outer tensors they capture.
class GraphIndex {
 public:
  explicit GraphIndex(const onnx::GraphProto& graph);

  const onnx::GraphProto& graph() const { return graph_; }
  const onnx::NodeProto& node(int index) const { return graph_.node(index); }

  // Null when the name is no initializer, nor the float32 form of one that is stored in 16 bits:
  // what a Cast of it yields, as a referencing export has them.
  const onnx::TensorProto* initializer(const std::string& name) const;
  // The latter.
  bool is_widened(const std::string& name) const;
  // -1 for inputs, initializers and unknown names.
  int producer(const std::string& tensor) const;
  const std::vector<Use>& uses(const std::string& tensor) const;
  bool is_output(const std::string& tensor) const { return outputs_.contains(tensor); }
  // Read inside an If or a Loop.
  bool is_captured(const std::string& tensor) const { return captured_.contains(tensor); }
  bool is_name(const std::string& name) const;

 private:
  void capture(const onnx::GraphProto& inner);

  const onnx::GraphProto& graph_;
  std::unordered_map<std::string, const onnx::TensorProto*> initializers_;
  std::unordered_map<std::string, int> producers_;
  std::unordered_map<std::string, std::vector<Use>> uses_;
  std::unordered_set<std::string> outputs_;
  std::unordered_set<std::string> captured_;
  std::unordered_set<std::string> inputs_;
};

// Null when the node has no such attribute.
const onnx::AttributeProto* find_attribute(const onnx::NodeProto& node, std::string_view name);

// Constant nodes that hold numbers become initializers, so that the rest knows one kind of
// constant.
void lift_constants(onnx::GraphProto& graph);

}  // namespace switchyard
