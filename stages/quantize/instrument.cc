#include <onnx/onnx_pb.h>

#include "stages/quantize/ranges.h"

namespace switchyard {
namespace {

void add_reduction(onnx::GraphProto& graph, const char* op_type, const std::string& tensor,
                   const std::string& output) {
  auto* node = graph.add_node();
  node->set_op_type(op_type);
  node->set_name(output);
  node->add_input(tensor);
  node->add_output(output);
  auto* keep = node->add_attribute();
  keep->set_name("keepdims");
  keep->set_type(onnx::AttributeProto::INT);
  keep->set_i(0);
  auto* info = graph.add_output();
  info->set_name(output);
  auto* type = info->mutable_type()->mutable_tensor_type();
  type->set_elem_type(onnx::TensorProto::FLOAT);
  type->mutable_shape();
}

}  // namespace

void instrument(onnx::ModelProto& model, const std::vector<std::string>& tensors) {
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.clear_output();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    add_reduction(graph, "ReduceMin", tensors[i], RangeCollector::min_output(i));
    add_reduction(graph, "ReduceMax", tensors[i], RangeCollector::max_output(i));
  }
}

}  // namespace switchyard
