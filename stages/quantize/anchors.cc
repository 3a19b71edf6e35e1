#include "stages/quantize/anchors.h"

#include <algorithm>
#include <array>

namespace switchyard {
namespace {

const onnx::TensorProto* float_initializer(const GraphIndex& graph, const std::string& name) {
  const onnx::TensorProto* tensor = graph.initializer(name);
  const bool is_float =
      tensor && (tensor->data_type() == onnx::TensorProto::FLOAT || graph.is_widened(name));
  return is_float ? tensor : nullptr;
}

std::int64_t count(const onnx::TensorProto& tensor) {
  std::int64_t n = 1;
  for (const std::int64_t d : tensor.dims()) n *= d;
  return n;
}

std::int64_t int_attribute(const onnx::NodeProto& node, std::string_view name,
                           std::int64_t absent) {
  const auto* attribute = find_attribute(node, name);
  return attribute ? attribute->i() : absent;
}

bool is_one(const onnx::NodeProto& node, std::string_view name) {
  const auto* attribute = find_attribute(node, name);
  return !attribute || attribute->f() == 1.0f;
}

std::string examine_weight(const GraphIndex& graph, const std::string& name, int rank_from,
                           int rank_to) {
  const onnx::TensorProto* weight = graph.initializer(name);
  if (!weight) return "its weight is computed, not stored";
  if (!float_initializer(graph, name)) return "its weight is not float32";
  if (weight->dims_size() < rank_from || weight->dims_size() > rank_to || count(*weight) == 0) {
    return "its weight has an unusual shape";
  }
  return {};
}

// A vector along the output channels, perhaps with leading ones.
std::string examine_bias(const GraphIndex& graph, const std::string& name, std::int64_t channels) {
  const onnx::TensorProto* bias = float_initializer(graph, name);
  if (!bias) return "its bias is computed, or not float32";
  const std::int64_t last = bias->dims_size() ? bias->dims(bias->dims_size() - 1) : 1;
  if (count(*bias) != channels || last != channels) return "its bias is no vector of its channels";
  return {};
}

std::string examine_conv(const GraphIndex& graph, const onnx::NodeProto& node,
                         PlannedNode& planned) {
  if (auto reason = examine_weight(graph, node.input(1), 3, 5); !reason.empty()) return reason;
  planned.weight_axis = 0;
  if (node.input_size() > 2 && !node.input(2).empty()) {
    planned.bias_slot = 2;
    return examine_bias(graph, node.input(2), graph.initializer(node.input(1))->dims(0));
  }
  return {};
}

std::string examine_gemm(const GraphIndex& graph, const onnx::NodeProto& node,
                         PlannedNode& planned) {
  if (auto reason = examine_weight(graph, node.input(1), 2, 2); !reason.empty()) return reason;
  if (!is_one(node, "alpha") || !is_one(node, "beta")) return "its alpha or beta is not 1";
  planned.weight_axis = int_attribute(node, "transB", 0) ? 0 : 1;
  if (node.input_size() > 2 && !node.input(2).empty()) {
    planned.bias_slot = 2;
    return examine_bias(graph, node.input(2),
                        graph.initializer(node.input(1))->dims(planned.weight_axis));
  }
  return {};
}

std::string examine_matmul(const GraphIndex& graph, const onnx::NodeProto& node,
                           PlannedNode& planned) {
  if (!graph.initializer(node.input(1)) && !graph.initializer(node.input(0))) {
    return "both its operands are activations";
  }
  if (graph.initializer(node.input(0))) return "its weight is the left operand";
  if (auto reason = examine_weight(graph, node.input(1), 2, 8); !reason.empty()) return reason;
  // Only a matrix has one scale per column; a stack of matrices shares one.
  planned.weight_axis = graph.initializer(node.input(1))->dims_size() == 2 ? 1 : -1;
  return {};
}

struct AnchorRow {
  const char* op_type;
  int min_inputs;
  std::string (*examine)(const GraphIndex&, const onnx::NodeProto&, PlannedNode&);
};

constexpr std::array kAnchors = {
    AnchorRow{"Conv", 2, examine_conv},
    AnchorRow{"Gemm", 2, examine_gemm},
    AnchorRow{"MatMul", 2, examine_matmul},
};

const AnchorRow* find_anchor(const std::string& op_type) {
  for (const AnchorRow& row : kAnchors) {
    if (op_type == row.op_type) return &row;
  }
  return nullptr;
}

}  // namespace

bool is_anchor_type(const std::string& op_type) { return find_anchor(op_type) != nullptr; }

std::string examine_anchor(const GraphIndex& graph, int index, const QuantizeOptions& options,
                           PlannedNode& planned) {
  const onnx::NodeProto& node = graph.node(index);
  const AnchorRow* row = find_anchor(node.op_type());
  if (node.input_size() < row->min_inputs || node.output_size() != 1) return "it is malformed";
  planned.node = index;
  planned.is_anchor = true;
  planned.activations = {0};
  planned.weight_slot = 1;
  std::string reason = row->examine(graph, node, planned);
  if (reason.empty() && graph.initializer(node.input(0))) reason = "its input is a constant";
  if (!options.per_channel) planned.weight_axis = -1;
  return reason;
}

}  // namespace switchyard
