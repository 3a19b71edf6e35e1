#include "stages/export/graph/reshape.h"

namespace switchyard::graph {

std::vector<Dim> shortened_shape(const TensorType& input, const std::vector<Dim>& target) {
  std::vector<Dim> result = target;
  if (!input.ranked) return result;
  bool open = false;
  for (const Dim& dim : target) open = open || dim == Dim(-1);
  for (std::size_t i = 0; i < result.size() && i < input.shape.size(); ++i) {
    if (!result[i].known() && result[i] == input.shape[i]) result[i] = Dim(0);
  }
  if (open) return result;
  Dim from(1);
  Dim to(1);
  for (const Dim& dim : input.shape) from = from * dim;
  for (const Dim& dim : target) to = to * dim;
  if (!(from == to)) return result;
  for (Dim& dim : result) {
    if (dim.known()) continue;
    dim = Dim(-1);
    break;
  }
  return result;
}

TensorId reshaped_weight(Builder& builder, TensorId weight, TensorId shape) {
  const auto from = builder.tensor(weight).type.known_shape();
  const auto& target = builder.tensor(shape).as_dims;
  if (!from || !target) return kNoTensor;
  Dim elements(1);  // checked arithmetic: a recipe may write any number
  for (std::int64_t dim : *from) elements = elements * Dim(dim);
  std::vector<std::int64_t> to;
  Dim product(1);
  std::size_t open = target->size();
  for (std::size_t i = 0; i < target->size(); ++i) {
    const Dim& dim = (*target)[i];
    if (!dim.known()) return kNoTensor;
    std::int64_t value = dim.value();
    if (value == 0 && i < from->size()) value = (*from)[i];
    if (value == -1 && open == target->size()) {
      open = i;
      value = 1;
    }
    if (value < 0) return kNoTensor;
    to.push_back(value);
    product = product * Dim(value);
  }
  if (open < to.size()) {
    if (product.value() == 0 || elements.value() % product.value() != 0) return kNoTensor;
    to[open] = elements.value() / product.value();
    product = elements;
  }
  return product == elements ? builder.weight_view(weight, 0, to) : kNoTensor;
}

}  // namespace switchyard::graph
