#include "stages/runtime/random_inputs.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <bit>
#include <cctype>
#include <cstring>
#include <optional>
#include <set>
#include <unordered_map>

#include "engine/error.h"
#include "stages/runtime/model_file.h"

namespace switchyard {
namespace {

std::string dtype_of(int type) {
  switch (type) {
    case onnx::TensorProto::FLOAT:
      return "float32";
    case onnx::TensorProto::DOUBLE:
      return "float64";
    case onnx::TensorProto::FLOAT16:
      return "float16";
    case onnx::TensorProto::BFLOAT16:
      return "bfloat16";
    case onnx::TensorProto::INT64:
      return "int64";
    case onnx::TensorProto::INT32:
      return "int32";
    case onnx::TensorProto::INT16:
      return "int16";
    case onnx::TensorProto::INT8:
      return "int8";
    case onnx::TensorProto::UINT64:
      return "uint64";
    case onnx::TensorProto::UINT32:
      return "uint32";
    case onnx::TensorProto::UINT16:
      return "uint16";
    case onnx::TensorProto::UINT8:
      return "uint8";
    case onnx::TensorProto::BOOL:
      return "bool";
    default:
      return {};
  }
}

// Which table rows an input indexes, found by walking from the input through operators that pass
// indices on unchanged to a Gather on an initializer.
class TableRows {
 public:
  explicit TableRows(const onnx::GraphProto& graph) {
    for (const auto& tensor : graph.initializer()) initializers_.emplace(tensor.name(), &tensor);
    for (const auto& node : graph.node()) {
      for (const auto& name : node.input()) consumers_[name].push_back(&node);
      for (const auto& name : node.output()) producers_.emplace(name, &node);
    }
  }

  bool is_initializer(const std::string& name) const { return initializers_.contains(name); }

  std::optional<std::int64_t> indexed_by(const std::string& input) const {
    std::optional<std::int64_t> rows;
    std::set<std::string> seen;
    std::vector<std::string> open = {input};
    while (!open.empty()) {
      const std::string name = open.back();
      open.pop_back();
      if (!seen.insert(name).second || !consumers_.contains(name)) continue;
      for (const onnx::NodeProto* node : consumers_.at(name)) {
        if (node->op_type() == "Gather" && node->input_size() == 2 && node->input(1) == name) {
          if (const auto found = rows_of(*node)) rows = std::min(rows.value_or(*found), *found);
        } else if (passes_indices(node->op_type()) && node->input(0) == name) {
          open.push_back(node->output(0));
        }
      }
    }
    return rows;
  }

 private:
  static bool passes_indices(const std::string& op) {
    static const std::set<std::string> kPassing = {"Cast",      "Expand",   "Flatten", "Gather",
                                                   "Identity",  "Reshape",  "Slice",   "Squeeze",
                                                   "Transpose", "Unsqueeze"};
    return kPassing.contains(op);
  }

  std::optional<std::int64_t> rows_of(const onnx::NodeProto& gather) const {
    std::string table = gather.input(0);
    static const std::set<std::string> kStorage = {"Cast", "DequantizeLinear", "Identity"};
    for (auto it = producers_.find(table);
         it != producers_.end() && kStorage.contains(it->second->op_type());
         it = producers_.find(table)) {
      table = it->second->input(0);
    }
    const auto found = initializers_.find(table);
    if (found == initializers_.end()) return std::nullopt;
    std::int64_t axis = 0;
    for (const auto& attribute : gather.attribute()) {
      if (attribute.name() == "axis") axis = attribute.i();
    }
    const int rank = found->second->dims_size();
    if (axis < 0) axis += rank;
    if (axis < 0 || axis >= rank) return std::nullopt;
    return found->second->dims(static_cast<int>(axis));
  }

  std::unordered_map<std::string, const onnx::TensorProto*> initializers_;
  std::unordered_map<std::string, std::vector<const onnx::NodeProto*>> consumers_;
  std::unordered_map<std::string, const onnx::NodeProto*> producers_;
};

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

bool has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

bool is_float(const std::string& dtype) {
  return dtype == "float32" || dtype == "float64" || dtype == "float16" || dtype == "bfloat16";
}

std::int64_t resolve(const std::string& symbol, int position, int rank, bool floats,
                     const InputHints& hints) {
  if (const auto given = hints.dims.find(symbol); given != hints.dims.end()) return given->second;
  const std::string name = lower(symbol);
  if (has(name, "batch")) return hints.batch;
  if (has(name, "height")) return hints.height;
  if (has(name, "width")) return hints.width;
  if (has(name, "channel")) return hints.channels;
  if (!name.empty() && position > 0) return hints.sequence;
  if (position == 0) return hints.batch;
  if (rank == 4 && floats) {
    return position == 1 ? hints.channels : position == 2 ? hints.height : hints.width;
  }
  return hints.sequence;
}

void choose_kind(InputPlan& plan, const std::optional<std::int64_t>& rows) {
  const std::string name = lower(plan.name);
  if (plan.dtype == "bool" || has(name, "mask")) {
    plan.kind = InputPlan::Kind::kOnes;
  } else if (is_float(plan.dtype)) {
    plan.kind = InputPlan::Kind::kNormal;
  } else if (has(name, "position")) {
    plan.kind = InputPlan::Kind::kRange;
    if (rows) plan.high = *rows - 1;
  } else {
    // An integer of which nothing is known is at least a valid truth value or row of any table.
    plan.kind = InputPlan::Kind::kUniform;
    plan.high = rows ? std::max<std::int64_t>(*rows - 1, 0) : 1;
  }
  const std::int64_t most = element_size(plan.dtype) == 1 ? 127 : 32767;
  if (element_size(plan.dtype) < 4) plan.high = std::min(plan.high, most);
}

// splitmix64: tiny, and the same everywhere, which the standard's distributions are not.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : state_(seed) {}

  std::uint64_t bits() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  // Sum of four uniform numbers, brought to mean 0 and deviation 1: no libm, so no rounding that
  // differs between machines.
  float normal() {
    const std::uint64_t b = bits();
    const auto sum =
        static_cast<double>((b & 0xffff) + (b >> 16 & 0xffff) + (b >> 32 & 0xffff) + (b >> 48));
    return static_cast<float>((sum / 65536.0 - 2.0) * 1.7320508075688772);
  }

  std::int64_t between(std::int64_t low, std::int64_t high) {
    const auto span = static_cast<std::uint64_t>(high - low) + 1;
    return low + static_cast<std::int64_t>(span ? bits() % span : bits());
  }

 private:
  std::uint64_t state_;
};

// Normal numbers of float16 and zero: what draws of moderate size need.
std::uint16_t to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = bits >> 16 & 0x8000u;
  const std::int32_t exponent = static_cast<std::int32_t>(bits >> 23 & 0xffu) - 112;
  if (exponent <= 0) return static_cast<std::uint16_t>(sign);
  return static_cast<std::uint16_t>(sign | static_cast<std::uint32_t>(exponent) << 10 |
                                    (bits >> 13 & 0x3ffu));
}

void store(Tensor& tensor, std::size_t index, double value) {
  const auto put = [&](auto typed) {
    std::memcpy(&tensor.bytes[index * sizeof typed], &typed, sizeof typed);
  };
  const std::string& dtype = tensor.dtype;
  if (dtype == "float32") return put(static_cast<float>(value));
  if (dtype == "float64") return put(value);
  if (dtype == "float16") return put(to_half(static_cast<float>(value)));
  if (dtype == "bfloat16") {
    return put(
        static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(static_cast<float>(value)) >> 16));
  }
  const auto whole = static_cast<std::int64_t>(value);
  switch (element_size(dtype)) {
    case 8:
      return put(whole);
    case 4:
      return put(static_cast<std::int32_t>(whole));
    case 2:
      return put(static_cast<std::int16_t>(whole));
    default:
      return put(static_cast<std::int8_t>(whole));
  }
}

}  // namespace

std::vector<InputPlan> plan_inputs(const std::filesystem::path& model, const InputHints& hints) {
  onnx::ModelProto proto;
  read_model(model, proto);
  const TableRows tables(proto.graph());

  InputHints used = hints;
  std::vector<std::pair<const onnx::ValueInfoProto*, std::optional<std::int64_t>>> inputs;
  for (const auto& input : proto.graph().input()) {
    if (tables.is_initializer(input.name())) continue;  // a default, not asked of the caller
    inputs.emplace_back(&input, tables.indexed_by(input.name()));
    // Positions run along the sequence, so it can't be longer than their table.
    if (inputs.back().second && has(lower(input.name()), "position")) {
      used.sequence = std::clamp<std::int64_t>(*inputs.back().second, 1, used.sequence);
    }
  }

  std::vector<InputPlan> plans;
  for (const auto& [input, rows] : inputs) {
    const auto& type = input->type().tensor_type();
    InputPlan plan;
    plan.name = input->name();
    plan.dtype = dtype_of(type.elem_type());
    if (!input->type().has_tensor_type() || plan.dtype.empty() || !type.has_shape()) {
      throw Error(ErrorKind::kModel, {model.string()},
                  "no data can be drawn for input '" + plan.name +
                      "': it is no tensor of numbers with a known rank");
    }
    for (int i = 0; i < type.shape().dim_size(); ++i) {
      const auto& dim = type.shape().dim(i);
      plan.shape.push_back(
          dim.has_dim_value()
              ? dim.dim_value()
              : resolve(dim.dim_param(), i, type.shape().dim_size(), is_float(plan.dtype), used));
    }
    choose_kind(plan, rows);
    plans.push_back(std::move(plan));
  }
  return plans;
}

std::vector<InputPlan> plan_shared_inputs(const std::filesystem::path& model,
                                          const std::filesystem::path& other,
                                          const InputHints& hints) {
  onnx::ModelProto proto, other_proto;
  read_model(model, proto);
  read_model(other, other_proto);
  InputHints used = hints;
  for (const auto& input : proto.graph().input()) {
    for (const auto& same : other_proto.graph().input()) {
      const auto& dims = input.type().tensor_type().shape();
      const auto& fixed = same.type().tensor_type().shape();
      if (same.name() != input.name() || dims.dim_size() != fixed.dim_size()) continue;
      for (int i = 0; i < dims.dim_size(); ++i) {
        const std::string& name = dims.dim(i).dim_param();
        if (!name.empty() && fixed.dim(i).dim_value() > 0) {
          used.dims.emplace(name, fixed.dim(i).dim_value());
        }
      }
    }
  }
  return plan_inputs(model, used);
}

NamedTensors draw_inputs(const std::vector<InputPlan>& plan, std::uint64_t seed) {
  NamedTensors drawn;
  for (const InputPlan& input : plan) {
    Tensor tensor{input.dtype, input.shape, {}};
    if (element_size(input.dtype) == 0) {
      throw Error(ErrorKind::kModel, {},
                  "no data can be drawn for input '" + input.name + "' of " + input.dtype);
    }
    const std::size_t count = tensor.count();
    tensor.bytes.resize(count * element_size(input.dtype));
    // Seeded by name, so that a graph with one input more draws the others alike.
    std::uint64_t mixed = 0xcbf29ce484222325u;
    for (const char c : input.name)
      mixed = (mixed ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    Generator generator(seed ^ mixed);
    const std::int64_t last =
        input.shape.empty() ? 1 : std::max<std::int64_t>(input.shape.back(), 1);
    for (std::size_t i = 0; i < count; ++i) {
      switch (input.kind) {
        case InputPlan::Kind::kNormal:
          store(tensor, i, generator.normal());
          break;
        case InputPlan::Kind::kOnes:
          store(tensor, i, 1.0);
          break;
        case InputPlan::Kind::kUniform:
          store(tensor, i, static_cast<double>(generator.between(input.low, input.high)));
          break;
        case InputPlan::Kind::kRange:
          store(tensor, i, static_cast<double>(static_cast<std::int64_t>(i) % last));
          break;
      }
    }
    drawn.emplace(input.name, std::move(tensor));
  }
  return drawn;
}

}  // namespace switchyard
