#include "stages/export/graph/op_schema.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <mutex>

#include "stages/export/graph/schema_registry.h"

namespace switchyard::graph {
namespace {

constexpr std::array<std::string_view, 6> kRandom = {"RandomNormal",  "RandomNormalLike",
                                                     "RandomUniform", "RandomUniformLike",
                                                     "Multinomial",   "Bernoulli"};

OpAttribute::Type attribute_type(onnx::AttributeProto::AttributeType type) {
  switch (type) {
    case onnx::AttributeProto::INT:
      return OpAttribute::Type::kInt;
    case onnx::AttributeProto::FLOAT:
      return OpAttribute::Type::kFloat;
    case onnx::AttributeProto::STRING:
      return OpAttribute::Type::kString;
    case onnx::AttributeProto::TENSOR:
      return OpAttribute::Type::kTensor;
    case onnx::AttributeProto::INTS:
      return OpAttribute::Type::kInts;
    case onnx::AttributeProto::FLOATS:
      return OpAttribute::Type::kFloats;
    case onnx::AttributeProto::STRINGS:
      return OpAttribute::Type::kStrings;
    default:
      return OpAttribute::Type::kOther;
  }
}

OpParameter parameter(const onnx::OpSchema::FormalParameter& formal) {
  OpParameter result;
  result.name = formal.GetName();
  result.type = formal.GetTypeStr();
  result.optional = formal.GetOption() == onnx::OpSchema::Optional;
  result.variadic = formal.GetOption() == onnx::OpSchema::Variadic;
  result.homogeneous = formal.GetIsHomogeneous();
  for (const std::string* type : formal.GetTypes()) {
    if (!type->starts_with("tensor(")) continue;
    if (auto elem = elem_from_name(std::string_view(*type).substr(7, type->size() - 8))) {
      result.allowed.push_back(*elem);
    }
  }
  std::sort(result.allowed.begin(), result.allowed.end());
  return result;
}

std::unique_ptr<OpSignature> read_signature(const std::string& name) {
  const onnx::OpSchema* schema = schema_registry().GetSchema(name, kOpset, "");
  if (!schema || schema->Deprecated()) return nullptr;
  auto op = std::make_unique<OpSignature>();
  op->name = name;
  op->schema = schema;
  for (const auto& formal : schema->inputs()) op->inputs.push_back(parameter(formal));
  for (const auto& formal : schema->outputs()) op->outputs.push_back(parameter(formal));
  for (const auto& [attribute_name, attribute] : schema->attributes()) {
    op->attributes.push_back({attribute_name, attribute_type(attribute.type), attribute.required});
  }
  op->min_inputs = schema->min_input();
  op->max_inputs = schema->max_input();
  op->min_outputs = schema->min_output();
  op->max_outputs = schema->max_output();
  op->deterministic = std::find(kRandom.begin(), kRandom.end(), name) == kRandom.end();
  return op;
}

}  // namespace

const OpAttribute* OpSignature::attribute(std::string_view name) const {
  for (const OpAttribute& attribute : attributes) {
    if (attribute.name == name) return &attribute;
  }
  return nullptr;
}

const OpSignature* find_op(std::string_view name) {
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<OpSignature>, std::less<>> cache;
  std::lock_guard lock(mutex);
  auto found = cache.find(name);
  if (found == cache.end()) {
    const std::string key(name);
    found = cache.emplace(key, read_signature(key)).first;
  }
  return found->second.get();
}

std::vector<std::string> op_names() { return schema_names(); }

}  // namespace switchyard::graph
