// Inside stages/quantize: which operators become integer ones, and which tensors that touches.
//
// Two kinds of operators:
//  - anchors (Conv, Gemm, MatMul with a constant weight) carry the arithmetic. Their activation
//    inputs are always quantized. Conv's output too: ONNX Runtime has no integer Conv with a float
//    output. Gemm and MatMul have one, so their output is quantized only where nothing but
//    quantized operators read it: a transformer's residual stream stays float.
//  - followers (Add, Mul, pooling, reshaping) are quantized only between quantized producers and at
//    least one quantized consumer. There a round trip to float would cost time and win no accuracy.
//
// A Relu or Clip that alone reads a quantized operator's output is folded into that output's range.
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "stages/quantize/graph_index.h"
#include "stages/quantize/quantize.h"

namespace switchyard {

struct PlannedNode {
  int node = 0;  // index into the graph
  bool is_anchor = false;
  std::vector<int> activations;  // input slots
  int weight_slot = -1;          // anchors; bias_slot only when there is a bias
  int weight_axis = -1;          // of output channels; -1: one scale for all
  int bias_slot = -1;
  std::string output;  // behind a folded Relu or Clip
};

struct QuantizationPlan {
  std::vector<PlannedNode> nodes;
  // Tensor that is quantized -> tensor whose range it takes: itself, or what a moving or selecting
  // operator made it from. `tensors` holds them in graph order.
  std::vector<std::string> tensors;
  std::unordered_map<std::string, std::string> range_of;
  // Of `tensors`: made by an integer operator, so that every reader takes the quantized value.
  std::unordered_set<std::string> integer_made;
  std::vector<FloatNode> kept_float;
  std::map<std::string, std::size_t> float_by_type;

  // The tensors to measure, each once, in graph order.
  std::vector<std::string> observed() const;
};

// Throws Error(kUsage) when a pattern of the options is no regular expression.
QuantizationPlan plan_quantization(const GraphIndex& graph, const QuantizeOptions& options);

}  // namespace switchyard
