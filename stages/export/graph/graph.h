// The graph being built: tensors, nodes, inputs, outputs. Plain data with append-only lists, so
// nodes are in topological order by construction. ONNX's own types do not appear here.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "stages/checkpoint/weights.h"
#include "stages/export/graph/dim.h"
#include "stages/export/spot.h"

namespace switchyard::graph {

// The values are those of ONNX's TensorProto.DataType.
enum class ElemType : int {
  kUndefined = 0,
  kFloat = 1,
  kUint8 = 2,
  kInt8 = 3,
  kUint16 = 4,
  kInt16 = 5,
  kInt32 = 6,
  kInt64 = 7,
  kString = 8,
  kBool = 9,
  kFloat16 = 10,
  kDouble = 11,
  kUint32 = 12,
  kUint64 = 13,
  kBfloat16 = 16,
};
// "float32", "int64" ...; "undefined" for the rest.
std::string_view elem_name(ElemType type);
// From "float32" or, as ONNX's schemas spell it, "float". Nothing when there is no such type.
std::optional<ElemType> elem_from_name(std::string_view name);
std::size_t elem_size(ElemType type);  // bytes; 0 for strings
bool is_floating(ElemType type);
ElemType elem_of(Dtype dtype);

struct TensorType {
  ElemType elem = ElemType::kUndefined;
  bool ranked = false;
  std::vector<Dim> shape;

  // The shape as integers, when all of it is known.
  std::optional<std::vector<std::int64_t>> known_shape() const;
  std::string text() const;  // "float32[batch_size, 3, ?, ?]"
};

// A tensor known at export; row-major bytes.
struct Constant {
  ElemType elem = ElemType::kUndefined;
  std::vector<std::int64_t> shape;
  std::string bytes;
};

using TensorId = int;
constexpr TensorId kNoTensor = -1;

struct Tensor {
  enum class Source { kInput, kWeight, kConstant, kNode };

  std::string name;
  TensorType type;
  Source source = Source::kNode;
  int node = -1;                             // kNode
  std::shared_ptr<const Constant> constant;  // kConstant
  // kWeight: bytes [offset, offset + bytes) of the stored tensor's file, in the stored dtype.
  // type.elem may differ: the writer converts.
  const StoredTensor* stored = nullptr;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  // Known at export without being bytes yet: the node's inputs are constants.
  bool foldable = false;
  // The elements of an integer vector or scalar, where they are known as dims.
  std::optional<std::vector<Dim>> as_dims;
};

struct Attribute {
  using Data =
      std::variant<std::int64_t, double, std::string, std::vector<std::int64_t>,
                   std::vector<double>, std::vector<std::string>, std::shared_ptr<const Constant>>;
  std::string name;
  Data value;
};

struct Node {
  std::string op;
  std::string name;
  std::vector<TensorId> inputs;  // kNoTensor: an optional input left out
  std::vector<TensorId> outputs;
  std::vector<Attribute> attributes;
  recipe::Spot spot;
  recipe::Spot caller;  // where the recipe called the library block that `spot` lies in; or empty
};

struct Output {
  std::string name;
  TensorId tensor = kNoTensor;
};

struct Graph {
  std::string name;
  std::deque<Tensor> tensors;  // references stay valid while it grows
  std::vector<Node> nodes;
  std::vector<TensorId> inputs;
  std::vector<Output> outputs;
};

}  // namespace switchyard::graph
