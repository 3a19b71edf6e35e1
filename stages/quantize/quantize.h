// Quantize: static int8 in QDQ form. Activation ranges are measured on calibration data (min-max);
// QuantizeLinear/DequantizeLinear pairs are laid around the operators that the precision decision
// names, so that ONNX Runtime fuses them into integer kernels.
//
// Both sides of an operator are quantized. A Relu or Clip behind it is folded into the output's
// range. Weights: int8, symmetric, a scale per output channel. Biases: int32, scale = activation's
// * weight's.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "engine/value.h"
#include "stages/quantize/calibration.h"
#include "stages/runtime/external_data.h"

namespace switchyard {

struct QuantizeOptions {
  // Operator types that may be quantized; whatever is not here stays float.
  std::vector<std::string> op_types = {"Conv", "Gemm",    "MatMul",      "Add",
                                       "Mul",  "MaxPool", "AveragePool", "GlobalAveragePool"};
  std::vector<std::string> float_op_types;  // taken out of op_types
  std::vector<std::string> float_nodes;     // RE2, found anywhere in the node's name
  bool per_channel = true;
  // "uint8" or "int8", asymmetric. ONNX Runtime's kernels for x86 multiply uint8 by int8; it turns
  // int8 activations into uint8 as it loads and loses some fusions on the way. Before VNNI (AVX2
  // alone) that product saturates in 16 bits where weights are large: a known loss of accuracy.
  std::string activation_type = "uint8";
  std::string weight_type = "int8";  // "int8", symmetric
  int threads = 0;                   // of ONNX Runtime while calibrating; 0: its own choice
  std::uint64_t most_inside = kMostInside;  // bytes; more quantized weights go to OUTPUT.data
};

// From the value of the `precision` decision: {weight, activation, per_channel, op_types?,
// keep_float: {op_types, nodes}}. What is absent keeps its default. Throws Error(kUsage) naming the
// key that is wrong.
QuantizeOptions quantize_options(const Value& precision);

// Operators of quantizable kinds that stayed float, and why.
struct FloatNode {
  std::string node;
  std::string op_type;
  std::string reason;
};

struct QuantizeReport {
  std::map<std::string, std::size_t> quantized;  // operator type -> nodes
  std::vector<FloatNode> kept_float;             // nodes of op_types, or taken out of it by a rule
  std::map<std::string, std::size_t> float_by_type;  // every other operator left in float
  std::size_t samples = 0;                           // calibration runs
  std::size_t observed = 0;                          // tensors whose range was measured
  double calibration_seconds = 0.0;
  double seconds = 0.0;           // all of it
  std::vector<std::string> data;  // files beside `output` that hold its weights, by name
  std::vector<std::string> warnings;
};

// Writes `output` from `input`, beside first and then renamed. Weights that lie outside `input` and
// stay float are referenced where they are (both in one directory); quantized ones are inside, or
// in OUTPUT.data where they are more than one ONNX file holds. Throws Error(kModel): opset below
// 13, no calibration sample, a range that is not finite, unreadable or unwritable files;
// Error(kUsage): an option that is wrong.
QuantizeReport quantize_model(const std::filesystem::path& input,
                              const std::filesystem::path& output, CalibrationSource& calibration,
                              const QuantizeOptions& options = {});

}  // namespace switchyard
