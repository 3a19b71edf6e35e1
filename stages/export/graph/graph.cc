#include "stages/export/graph/graph.h"

#include <array>

namespace switchyard::graph {
namespace {

struct ElemRow {
  ElemType type;
  std::string_view name;
  std::string_view schema_name;
  std::size_t size;
};

constexpr std::array<ElemRow, 14> kElems = {{
    {ElemType::kFloat, "float32", "float", 4},
    {ElemType::kUint8, "uint8", "uint8", 1},
    {ElemType::kInt8, "int8", "int8", 1},
    {ElemType::kUint16, "uint16", "uint16", 2},
    {ElemType::kInt16, "int16", "int16", 2},
    {ElemType::kInt32, "int32", "int32", 4},
    {ElemType::kInt64, "int64", "int64", 8},
    {ElemType::kString, "string", "string", 0},
    {ElemType::kBool, "bool", "bool", 1},
    {ElemType::kFloat16, "float16", "float16", 2},
    {ElemType::kDouble, "float64", "double", 8},
    {ElemType::kUint32, "uint32", "uint32", 4},
    {ElemType::kUint64, "uint64", "uint64", 8},
    {ElemType::kBfloat16, "bfloat16", "bfloat16", 2},
}};

const ElemRow* row(ElemType type) {
  for (const ElemRow& row : kElems) {
    if (row.type == type) return &row;
  }
  return nullptr;
}

}  // namespace

std::string_view elem_name(ElemType type) {
  const ElemRow* found = row(type);
  return found ? found->name : "undefined";
}

std::optional<ElemType> elem_from_name(std::string_view name) {
  for (const ElemRow& row : kElems) {
    if (row.name == name || row.schema_name == name) return row.type;
  }
  return std::nullopt;
}

std::size_t elem_size(ElemType type) {
  const ElemRow* found = row(type);
  return found ? found->size : 0;
}

bool is_floating(ElemType type) {
  return type == ElemType::kFloat || type == ElemType::kDouble || type == ElemType::kFloat16 ||
         type == ElemType::kBfloat16;
}

ElemType elem_of(Dtype dtype) {
  switch (dtype) {
    case Dtype::kF64:
      return ElemType::kDouble;
    case Dtype::kF32:
      return ElemType::kFloat;
    case Dtype::kF16:
      return ElemType::kFloat16;
    case Dtype::kBF16:
      return ElemType::kBfloat16;
    case Dtype::kI64:
      return ElemType::kInt64;
    case Dtype::kI32:
      return ElemType::kInt32;
    case Dtype::kI16:
      return ElemType::kInt16;
    case Dtype::kI8:
      return ElemType::kInt8;
    case Dtype::kU8:
      return ElemType::kUint8;
    case Dtype::kBool:
      return ElemType::kBool;
  }
  return ElemType::kUndefined;
}

std::optional<std::vector<std::int64_t>> TensorType::known_shape() const {
  if (!ranked) return std::nullopt;
  std::vector<std::int64_t> result;
  for (const Dim& dim : shape) {
    if (!dim.known()) return std::nullopt;
    result.push_back(dim.value());
  }
  return result;
}

std::string TensorType::text() const {
  std::string text(elem_name(elem));
  if (!ranked) return text + " of unknown rank";
  text += '[';
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i) text += ", ";
    const std::string dim = shape[i].text();
    // Dims that came up while building have made-up names that mean nothing to a reader.
    text += dim.find('?') != std::string::npos ? "?" : dim;
  }
  return text + ']';
}

}  // namespace switchyard::graph
