#include "stages/export/graph/subscript.h"

#include <algorithm>
#include <climits>

namespace switchyard::graph {
namespace {

[[noreturn]] void fail(const recipe::Spot& spot, std::string what, std::string mend = {}) {
  throw Error(ErrorKind::kUsage, spot.place(), std::move(what), std::move(mend));
}

// One subscript per axis of the input, with new axes between them.
std::vector<Subscript> expand_ellipsis(const TensorType& type,
                                       const std::vector<Subscript>& subscripts,
                                       const recipe::Spot& spot) {
  std::size_t axes = 0;
  std::size_t ellipses = 0;
  for (const Subscript& s : subscripts) {
    if (s.kind == Subscript::Kind::kEllipsis) ++ellipses;
    if (s.kind == Subscript::Kind::kIndex || s.kind == Subscript::Kind::kSlice) ++axes;
  }
  if (ellipses > 1) fail(spot, "an index has more than one '...'");
  if (ellipses == 1 && !type.ranked) fail(spot, "'...' needs a tensor whose rank is known");
  if (type.ranked && axes > type.shape.size()) {
    fail(spot, std::to_string(axes) + " indices for a tensor " + type.text());
  }
  std::vector<Subscript> result;
  for (const Subscript& s : subscripts) {
    if (s.kind != Subscript::Kind::kEllipsis) {
      result.push_back(s);
      continue;
    }
    Subscript whole;
    whole.kind = Subscript::Kind::kSlice;
    result.insert(result.end(), type.shape.size() - axes, whole);
  }
  return result;
}

bool is_whole(const Subscript& s) {
  return s.kind == Subscript::Kind::kSlice && !s.start && !s.stop && !s.step;
}

// w[a:b] or w[i] of a weight: the same bytes.
TensorId weight_part(Builder& builder, TensorId id, const std::vector<Subscript>& subscripts) {
  const Tensor& tensor = builder.tensor(id);
  const auto shape = tensor.type.known_shape();
  if (tensor.source != Tensor::Source::kWeight || !shape || shape->empty()) return kNoTensor;
  for (std::size_t i = 1; i < subscripts.size(); ++i) {
    if (!is_whole(subscripts[i])) return kNoTensor;
  }
  const std::int64_t length = (*shape)[0];
  std::int64_t row = 1;
  for (std::size_t i = 1; i < shape->size(); ++i) row *= (*shape)[i];
  const Subscript& s = subscripts[0];
  const auto resolve = [&](const std::optional<Dim>& dim,
                           std::int64_t otherwise) -> std::optional<std::int64_t> {
    if (!dim) return otherwise;
    if (!dim->known()) return std::nullopt;
    const std::int64_t value = dim->value() < 0 ? dim->value() + length : dim->value();
    return std::clamp<std::int64_t>(value, 0, length);
  };
  std::vector<std::int64_t> part = *shape;
  if (s.kind == Subscript::Kind::kSlice) {
    if (s.step && !(*s.step == Dim(1))) return kNoTensor;
    const auto start = resolve(s.start, 0);
    const auto stop = resolve(s.stop, length);
    if (!start || !stop || *stop <= *start) return kNoTensor;
    part[0] = *stop - *start;
    return builder.weight_view(id, *start * row, part);
  }
  if (s.kind == Subscript::Kind::kIndex && s.index.is_int()) {
    const std::int64_t index = s.index.as_int() < 0 ? s.index.as_int() + length : s.index.as_int();
    if (index < 0 || index >= length) return kNoTensor;
    part.erase(part.begin());
    return builder.weight_view(id, index * row, part);
  }
  return kNoTensor;
}

class Lowering {
 public:
  Lowering(Builder& builder, const std::string& scope, const recipe::Spot& spot)
      : builder_(builder), scope_(scope), spot_(spot) {}

  TensorId run(TensorId tensor, const std::vector<Subscript>& subscripts) {
    tensor = slice(tensor, subscripts);
    tensor = gather(tensor, subscripts);
    return new_axes(tensor, subscripts);
  }

 private:
  TensorId node(const char* op, std::vector<TensorId> inputs,
                std::vector<Attribute> attributes = {}) {
    return builder_.add_node(*find_op(op), std::move(inputs), std::move(attributes), 1, scope_,
                             spot_)[0];
  }

  TensorId slice(TensorId tensor, const std::vector<Subscript>& subscripts) {
    std::vector<Dim> starts;
    std::vector<Dim> stops;
    std::vector<Dim> steps;
    std::vector<std::int64_t> axes;
    std::int64_t axis = 0;
    for (const Subscript& s : subscripts) {
      if (s.kind == Subscript::Kind::kNewAxis) continue;
      if (s.kind == Subscript::Kind::kSlice && !is_whole(s)) {
        const Dim step = s.step.value_or(Dim(1));
        if (!step.known() || step.value() <= 0)
          fail(spot_, "the step of a slice must be a positive integer");
        starts.push_back(s.start.value_or(Dim(0)));
        stops.push_back(s.stop.value_or(Dim(INT64_MAX)));
        steps.push_back(step);
        axes.push_back(axis);
      }
      ++axis;
    }
    if (axes.empty()) return tensor;
    const bool plain =
        std::all_of(steps.begin(), steps.end(), [](const Dim& d) { return d == Dim(1); });
    std::vector<TensorId> inputs = {tensor, builder_.vector_of(starts, spot_),
                                    builder_.vector_of(stops, spot_), builder_.int_vector(axes)};
    if (!plain) inputs.push_back(builder_.vector_of(steps, spot_));
    return node("Slice", std::move(inputs));
  }

  // From the last axis to the first, so that dropped axes don't move those still to come.
  TensorId gather(TensorId tensor, const std::vector<Subscript>& subscripts) {
    std::int64_t axis = 0;
    for (const Subscript& s : subscripts) axis += s.kind != Subscript::Kind::kNewAxis;
    for (auto s = subscripts.rbegin(); s != subscripts.rend(); ++s) {
      if (s->kind == Subscript::Kind::kNewAxis) continue;
      --axis;
      if (s->kind != Subscript::Kind::kIndex) continue;
      TensorId index = kNoTensor;
      if (s->index.is_tensor()) {
        index = s->index.tensor();
      } else if (const auto dim = s->index.as_dim()) {
        index = builder_.scalar_of(*dim, spot_);
      } else {
        fail(spot_, std::string(s->index.kind_name()) + " can't index a tensor");
      }
      tensor = node("Gather", {tensor, index}, {{"axis", axis}});
    }
    return tensor;
  }

  TensorId new_axes(TensorId tensor, const std::vector<Subscript>& subscripts) {
    std::vector<std::int64_t> axes;
    std::int64_t axis = 0;
    for (const Subscript& s : subscripts) {
      if (s.kind == Subscript::Kind::kNewAxis) axes.push_back(axis);
      if (s.kind != Subscript::Kind::kIndex) ++axis;
    }
    return axes.empty() ? tensor : node("Unsqueeze", {tensor, builder_.int_vector(axes)});
  }

  Builder& builder_;
  const std::string& scope_;
  const recipe::Spot& spot_;
};

}  // namespace

TensorId subscript(Builder& builder, TensorId tensor, const std::vector<Subscript>& subscripts,
                   const std::string& scope, const recipe::Spot& spot) {
  const std::vector<Subscript> expanded =
      expand_ellipsis(builder.tensor(tensor).type, subscripts, spot);
  if (!expanded.empty() && expanded[0].kind != Subscript::Kind::kNewAxis) {
    if (const TensorId part = weight_part(builder, tensor, expanded); part != kNoTensor)
      return part;
  }
  return Lowering(builder, scope, spot).run(tensor, expanded);
}

}  // namespace switchyard::graph
