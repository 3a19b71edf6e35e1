#include "stages/export/graph/shape_checks.h"

#include <array>

namespace switchyard::graph {
namespace {

using Reason = std::optional<std::string>;

class Operands {
 public:
  Operands(const Graph& graph, const Node& node) : graph_(graph), node_(node) {}

  bool has(std::size_t i) const {
    return i < node_.inputs.size() && node_.inputs[i] != kNoTensor && tensor(i).type.ranked;
  }
  const Tensor& tensor(std::size_t i) const { return graph_.tensors[node_.inputs[i]]; }
  std::size_t rank(std::size_t i) const { return tensor(i).type.shape.size(); }
  const Dim& dim(std::size_t i, std::size_t axis) const { return tensor(i).type.shape[axis]; }
  std::int64_t attribute(std::string_view name, std::int64_t otherwise) const {
    for (const Attribute& attribute : node_.attributes) {
      if (attribute.name != name) continue;
      if (const auto* value = std::get_if<std::int64_t>(&attribute.value)) return *value;
    }
    return otherwise;
  }

  // Both known and different.
  static bool differ(const Dim& a, const Dim& b) {
    return a.known() && b.known() && a.value() != b.value();
  }

  Reason vector_of(std::size_t i, const Dim& length, std::string_view what) const {
    if (!has(i)) return std::nullopt;
    if (rank(i) != 1 || differ(dim(i, 0), length)) {
      return tensor(i).name + " has shape " + tensor(i).type.text() + ", but there are " +
             length.text() + " " + std::string(what);
    }
    return std::nullopt;
  }

 private:
  const Graph& graph_;
  const Node& node_;
};

Reason check_gemm(const Operands& in) {
  if (!in.has(0) || !in.has(1) || in.rank(0) != 2 || in.rank(1) != 2) return std::nullopt;
  const bool trans_a = in.attribute("transA", 0) != 0;
  const bool trans_b = in.attribute("transB", 0) != 0;
  const Dim& k_a = in.dim(0, trans_a ? 0 : 1);
  const Dim& k_b = in.dim(1, trans_b ? 1 : 0);
  if (Operands::differ(k_a, k_b)) {
    return in.tensor(1).name + " takes " + k_b.text() + " features, its input has " + k_a.text();
  }
  const Dim& n = in.dim(1, trans_b ? 0 : 1);
  if (in.has(2) && in.rank(2) >= 1 && Operands::differ(in.dim(2, in.rank(2) - 1), n) &&
      in.dim(2, in.rank(2) - 1).value() != 1) {
    return in.tensor(2).name + " has " + in.dim(2, in.rank(2) - 1).text() + " entries for " +
           n.text() + " outputs";
  }
  return std::nullopt;
}

Reason check_conv(const Operands& in) {
  if (!in.has(0) || !in.has(1)) return std::nullopt;
  if (in.rank(0) < 3 || in.rank(0) != in.rank(1)) {
    return in.tensor(1).name + " has rank " + std::to_string(in.rank(1)) + ", its input has rank " +
           std::to_string(in.rank(0));
  }
  const Dim taken = in.dim(1, 1) * Dim(in.attribute("group", 1));
  if (Operands::differ(in.dim(0, 1), taken)) {
    return in.tensor(1).name + " takes " + taken.text() + " channels, its input has " +
           in.dim(0, 1).text();
  }
  return in.vector_of(2, in.dim(1, 0), "output channels");
}

Reason check_batch_norm(const Operands& in) {
  if (!in.has(0) || in.rank(0) < 2) return std::nullopt;
  for (std::size_t i = 1; i < 5; ++i) {
    if (Reason reason = in.vector_of(i, in.dim(0, 1), "channels")) return reason;
  }
  return std::nullopt;
}

Reason check_instance_norm(const Operands& in) {
  if (!in.has(0) || in.rank(0) < 2) return std::nullopt;
  for (std::size_t i = 1; i < 3; ++i) {
    if (Reason reason = in.vector_of(i, in.dim(0, 1), "channels")) return reason;
  }
  return std::nullopt;
}

Reason check_layer_norm(const Operands& in) {
  if (!in.has(0)) return std::nullopt;
  const auto rank = static_cast<std::int64_t>(in.rank(0));
  std::int64_t axis = in.attribute("axis", -1);
  if (axis < 0) axis += rank;
  if (axis < 0 || axis >= rank) return "the axis is out of range";
  if (axis != rank - 1) return std::nullopt;
  for (std::size_t i = 1; i < 3; ++i) {
    if (Reason reason = in.vector_of(i, in.dim(0, static_cast<std::size_t>(axis)), "features"))
      return reason;
  }
  return std::nullopt;
}

// Element counts, where both are known.
Reason check_reshape(const Operands& in) {
  if (!in.has(0) || !in.has(1) || !in.tensor(1).as_dims) return std::nullopt;
  const auto shape = in.tensor(0).type.known_shape();
  if (!shape) return std::nullopt;
  Dim elements(1);  // checked arithmetic: a recipe may write any number
  for (std::int64_t dim : *shape) elements = elements * Dim(dim);
  Dim wanted(1);
  bool open = false;
  const std::vector<Dim>& target = *in.tensor(1).as_dims;
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (!target[i].known()) return std::nullopt;
    if (target[i].value() == -1) {
      if (open) return "two entries of the shape are -1";
      open = true;
    } else if (target[i].value() == 0 && i < shape->size()) {
      wanted = wanted * Dim((*shape)[i]);
    } else {
      wanted = wanted * target[i];
    }
  }
  const bool fits =
      open ? (wanted.value() != 0 && elements.value() % wanted.value() == 0) : wanted == elements;
  if (fits) return std::nullopt;
  return elements.text() + " elements can't be given that shape";
}

struct Row {
  std::string_view op;
  Reason (*check)(const Operands&);
};

constexpr std::array<Row, 6> kChecks = {{
    {"Gemm", check_gemm},
    {"Conv", check_conv},
    {"BatchNormalization", check_batch_norm},
    {"InstanceNormalization", check_instance_norm},
    {"LayerNormalization", check_layer_norm},
    {"Reshape", check_reshape},
}};

}  // namespace

std::optional<std::string> check_shapes(const Graph& graph, const Node& node) {
  for (const Row& row : kChecks) {
    if (row.op == node.op) return row.check(Operands(graph, node));
  }
  return std::nullopt;
}

}  // namespace switchyard::graph
