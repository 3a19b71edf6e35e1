#include "stages/export/graph/shape_rules.h"

#include <array>
#include <climits>

namespace switchyard::graph {
namespace {

using Shape = std::optional<std::vector<Dim>>;

class Operands {
 public:
  Operands(const Graph& graph, const Node& node) : graph_(graph), node_(node) {}

  std::size_t count() const { return node_.inputs.size(); }
  // The shape of input i, when its rank is known.
  const std::vector<Dim>* shape(std::size_t i) const {
    if (i >= count() || node_.inputs[i] == kNoTensor) return nullptr;
    const TensorType& type = graph_.tensors[node_.inputs[i]].type;
    return type.ranked ? &type.shape : nullptr;
  }
  // The elements of integer input i, when known.
  const std::vector<Dim>* values(std::size_t i) const {
    if (i >= count() || node_.inputs[i] == kNoTensor) return nullptr;
    const Tensor& tensor = graph_.tensors[node_.inputs[i]];
    return tensor.as_dims ? &*tensor.as_dims : nullptr;
  }
  std::int64_t attribute(std::string_view name, std::int64_t otherwise) const {
    for (const Attribute& attribute : node_.attributes) {
      if (attribute.name != name) continue;
      if (const auto* value = std::get_if<std::int64_t>(&attribute.value)) return *value;
    }
    return otherwise;
  }
  // Null when the attribute is not there.
  const std::vector<std::int64_t>* integers(std::string_view name) const {
    for (const Attribute& attribute : node_.attributes) {
      if (attribute.name == name) return std::get_if<std::vector<std::int64_t>>(&attribute.value);
    }
    return nullptr;
  }
  const std::string* text(std::string_view name) const {
    for (const Attribute& attribute : node_.attributes) {
      if (attribute.name == name) return std::get_if<std::string>(&attribute.value);
    }
    return nullptr;
  }

 private:
  const Graph& graph_;
  const Node& node_;
};

Dim product(const std::vector<Dim>& dims) {
  Dim result(1);
  for (const Dim& dim : dims) result = result * dim;
  return result;
}

Shape reshape(const Operands& in) {
  const auto* from = in.shape(0);
  const auto* to = in.values(1);
  if (!from || !to) return std::nullopt;
  std::vector<Dim> result;
  std::optional<std::size_t> open;
  Dim rest(1);
  for (std::size_t i = 0; i < to->size(); ++i) {
    Dim dim = (*to)[i];
    if (dim.known() && dim.value() == -1) {
      open = i;
    } else {
      if (dim.known() && dim.value() == 0 && i < from->size()) dim = (*from)[i];
      rest = rest * dim;
    }
    result.push_back(dim);
  }
  if (open) {
    const auto quotient = Dim::exact_quotient(product(*from), rest);
    result[*open] = quotient ? *quotient : Dim::axis("?");
  }
  return result;
}

Shape concat(const Operands& in) {
  const auto* first = in.shape(0);
  if (!first) return std::nullopt;
  std::int64_t axis = in.attribute("axis", 0);
  if (axis < 0) axis += static_cast<std::int64_t>(first->size());
  if (axis < 0 || axis >= static_cast<std::int64_t>(first->size())) return std::nullopt;
  std::vector<Dim> result = *first;
  const auto at = static_cast<std::size_t>(axis);
  for (std::size_t i = 1; i < in.count(); ++i) {
    const auto* shape = in.shape(i);
    if (!shape || shape->size() != result.size()) return std::nullopt;
    for (std::size_t k = 0; k < result.size(); ++k) {
      if (k == at) {
        result[k] = result[k] + (*shape)[k];
      } else if (!result[k].known()) {
        result[k] = (*shape)[k];  // all must be equal; a number says more than a name
      }
    }
  }
  return result;
}

Shape expand(const Operands& in) {
  const auto* from = in.shape(0);
  const auto* to = in.values(1);
  if (!from || !to) return std::nullopt;
  std::vector<Dim> result = from->size() >= to->size() ? *from : *to;
  for (std::size_t i = 0; i < std::min(from->size(), to->size()); ++i) {
    const Dim& a = (*from)[from->size() - 1 - i];
    const Dim& b = (*to)[to->size() - 1 - i];
    Dim& out = result[result.size() - 1 - i];
    if (a == Dim(1)) {
      out = b;
    } else if (b == Dim(1) || a == b) {
      out = a;
    } else {
      out = a.known() ? a : b.known() ? b : Dim::axis("?");
    }
  }
  return result;
}

Shape constant_of_shape(const Operands& in) {
  const auto* to = in.values(0);
  return to ? Shape(*to) : std::nullopt;
}

// Range(0, n, 1).
Shape range(const Operands& in) {
  const auto* start = in.values(0);
  const auto* limit = in.values(1);
  const auto* step = in.values(2);
  if (!start || !limit || !step || start->size() != 1 || limit->size() != 1 || step->size() != 1)
    return std::nullopt;
  if (!((*step)[0] == Dim(1))) return std::nullopt;
  return std::vector<Dim>{(*limit)[0] - (*start)[0]};
}

Shape flatten(const Operands& in) {
  const auto* from = in.shape(0);
  if (!from) return std::nullopt;
  std::int64_t axis = in.attribute("axis", 1);
  if (axis < 0) axis += static_cast<std::int64_t>(from->size());
  if (axis < 0 || axis > static_cast<std::int64_t>(from->size())) return std::nullopt;
  return std::vector<Dim>{product({from->begin(), from->begin() + axis}),
                          product({from->begin() + axis, from->end()})};
}

// Steps of 1 with starts and ends that are known or dims; of other slices the axes that stay.
Shape slice(const Operands& in) {
  const auto* from = in.shape(0);
  const auto* starts = in.values(1);
  const auto* ends = in.values(2);
  const auto* axes = in.values(3);
  const auto* steps = in.values(4);
  if (!from || !axes) return std::nullopt;
  std::vector<Dim> result = *from;
  for (std::size_t i = 0; i < axes->size(); ++i) {
    if (!(*axes)[i].known()) return std::nullopt;
    std::int64_t axis = (*axes)[i].value();
    if (axis < 0) axis += static_cast<std::int64_t>(from->size());
    if (axis < 0 || axis >= static_cast<std::int64_t>(from->size())) return std::nullopt;
    const Dim& dim = (*from)[static_cast<std::size_t>(axis)];
    Dim& out = result[static_cast<std::size_t>(axis)];
    out = Dim::axis("?");
    if (!starts || !ends || (steps && !((*steps)[i] == Dim(1)))) continue;
    auto resolve = [&](const Dim& index) -> std::optional<Dim> {
      if (!index.known()) return index;
      if (index.value() >= INT32_MAX) return dim;
      if (index.value() < 0) return dim + index;
      if (dim.known() && index.value() > dim.value()) return dim;
      return index;
    };
    const auto start = resolve((*starts)[i]);
    const auto end = resolve((*ends)[i]);
    // x[:, :5] of an open axis may be shorter than 5.
    const bool may_clip = !dim.known() && end->known() && (*ends)[i].value() >= 0;
    if (!may_clip) out = *end - *start;
  }
  return result;
}

// What a sliding kernel makes of open rows and columns, as ONNX's Conv and pools define it:
// floor((n + pads - dilation * (kernel - 1) - 1) / stride) + 1.
Shape slide(const Operands& in, const std::vector<Dim>& kernel, Dim channels) {
  const auto* from = in.shape(0);
  if (!from || from->size() != kernel.size() + 2 || in.attribute("ceil_mode", 0) != 0) return std::nullopt;
  const auto* strides = in.integers("strides");
  const auto* dilations = in.integers("dilations");
  const auto* pads = in.integers("pads");
  const std::string* auto_pad = in.text("auto_pad");
  const std::string padding = auto_pad != nullptr ? *auto_pad : "NOTSET";
  std::vector<Dim> result = {(*from)[0], std::move(channels)};
  for (std::size_t i = 0; i < kernel.size(); ++i) {
    if (!kernel[i].known()) return std::nullopt;
    const std::int64_t stride = strides ? strides->at(i) : 1;
    const std::int64_t reach = (dilations ? dilations->at(i) : 1) * (kernel[i].value() - 1);
    std::int64_t more = pads ? pads->at(i) + pads->at(i + kernel.size()) : 0;
    if (padding.starts_with("SAME")) more = reach;
    result.push_back(floor_div((*from)[i + 2] + Dim(more - reach - 1 + stride), Dim(stride)));
  }
  return result;
}

Shape conv(const Operands& in) {
  const auto* weight = in.shape(1);
  if (!weight || weight->size() < 3) return std::nullopt;
  return slide(in, {weight->begin() + 2, weight->end()}, weight->front());
}

Shape pool(const Operands& in) {
  const auto* from = in.shape(0);
  const auto* kernel = in.integers("kernel_shape");
  if (!from || from->size() < 3 || !kernel) return std::nullopt;
  return slide(in, {kernel->begin(), kernel->end()}, (*from)[1]);
}

// To sizes that are given; 0 is no size, the operator takes it literally.
Shape resize(const Operands& in) {
  const auto* from = in.shape(0);
  const auto* sizes = in.values(3);
  if (!from || !sizes || sizes->size() != from->size()) return std::nullopt;
  return *sizes;
}

struct Row {
  std::string_view op;
  Shape (*rule)(const Operands&);
};

constexpr std::array<Row, 11> kRules = {{
    {"Reshape", reshape},
    {"Concat", concat},
    {"Expand", expand},
    {"ConstantOfShape", constant_of_shape},
    {"Range", range},
    {"Flatten", flatten},
    {"Slice", slice},
    {"Resize", resize},
    {"Conv", conv},
    {"MaxPool", pool},
    {"AveragePool", pool},
}};

}  // namespace

void sharpen(const Graph& graph, const Node& node, std::vector<TensorType>& outputs) {
  if (outputs.empty()) return;
  for (const Row& row : kRules) {
    if (row.op != node.op) continue;
    const Shape shape = row.rule(Operands(graph, node));
    if (!shape) return;
    TensorType& type = outputs[0];
    if (type.ranked && type.shape.size() != shape->size()) return;
    if (!type.ranked) type.shape.assign(shape->size(), Dim::axis("?"));
    type.ranked = true;
    for (std::size_t i = 0; i < shape->size(); ++i) {
      if (!type.shape[i].known()) type.shape[i] = (*shape)[i];
    }
  }
}

}  // namespace switchyard::graph
