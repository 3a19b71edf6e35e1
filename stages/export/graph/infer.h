// Types and shapes of a node's outputs: ONNX's own inference, sharpened by what symbolic dims know.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "stages/export/graph/graph.h"
#include "stages/export/graph/op_schema.h"

namespace switchyard::graph {

// Dims by the text that stands for them in ONNX's dim_param while building.
class DimTable {
 public:
  void add(const Dim& dim);
  const Dim* find(const std::string& text) const;
  // A dim that nothing is known of; "?1", "?2" ...
  Dim fresh();

 private:
  std::map<std::string, Dim> dims_;
  int fresh_ = 0;
};

// One type per output of `node`, whose inputs are tensors of `graph`. Every output is typed; dims
// that inference leaves open become fresh ones.
// Throws Error(kModel) at the node's place, naming the operands, when the operands do not fit.
std::vector<TensorType> infer_types(const Graph& graph, const OpSignature& op, const Node& node,
                                    std::size_t outputs, DimTable& dims);

// "a.weight float32[3, 4], x float32[batch_size, 7]": a node's operands, for messages.
std::string describe_operands(const Graph& graph, const Node& node);

}  // namespace switchyard::graph
