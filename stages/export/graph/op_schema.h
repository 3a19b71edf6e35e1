// The operators of ONNX opset 17 as the recipe language needs them: names of inputs and attributes,
// allowed types, numbers of outputs. Read from libonnx's schemas on first use of each operator.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stages/export/graph/graph.h"

namespace onnx {
class OpSchema;
}

namespace switchyard::graph {

inline constexpr int kOpset = 17;
inline constexpr int kIrVersion = 8;

struct OpParameter {
  std::string name;
  std::string type;               // "T", or a concrete "tensor(int64)"
  std::vector<ElemType> allowed;  // element types of tensors
  bool optional = false;
  bool variadic = false;
  bool homogeneous = true;  // variadic: all of one type
};

struct OpAttribute {
  enum class Type { kInt, kFloat, kString, kTensor, kInts, kFloats, kStrings, kOther };
  std::string name;
  Type type = Type::kOther;
  bool required = false;
};

struct OpSignature {
  std::string name;
  std::vector<OpParameter> inputs;
  std::vector<OpParameter> outputs;
  std::vector<OpAttribute> attributes;
  int min_inputs = 0;
  int max_inputs = 0;
  int min_outputs = 0;
  int max_outputs = 0;
  bool deterministic = true;
  const onnx::OpSchema* schema = nullptr;

  const OpAttribute* attribute(std::string_view name) const;
};

// Null when there is no such operator in opset 17. Valid for the life of the process; thread-safe.
const OpSignature* find_op(std::string_view name);
// All operators, for messages.
std::vector<std::string> op_names();

}  // namespace switchyard::graph
