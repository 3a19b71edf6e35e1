#include "stages/export/graph_axes.h"

#include <algorithm>

#include "engine/error.h"
#include "engine/text.h"

namespace switchyard {

const std::string* GraphAxes::expected_axis(const std::string& input, std::size_t index) const {
  for (const TensorSpec& expected : request_.expected_inputs) {
    if (expected.name != input || index >= expected.dims.size()) continue;
    const Value& dim = expected.dims[index];
    return dim.is_string() ? &dim.as_string() : nullptr;
  }
  return nullptr;
}

graph::Dim GraphAxes::input_dim(const graph::Item& item, const recipe::Input& input,
                                std::size_t index) {
  const recipe::Spot& spot = input.dims->spot;
  if (item.is_string()) {
    const std::string& axis = item.as_string();
    seen_.insert(axis);
    const Value* chosen = request_.axes.find(axis);
    if (chosen == nullptr) return graph::Dim::axis(axis);
    if (chosen->is_string()) return graph::Dim::axis(chosen->as_string());
    if (chosen->is_int()) return graph::Dim(chosen->as_int());
    throw Error(ErrorKind::kUsage, {},
                "the axis '" + axis + "' of input '" + input.name +
                    "' is not among the dynamic axes, and the model has no size for it",
                "Say one with --shape " + axis + "=N, or name it in the file of --dynamic-axes");
  }
  if (!item.is_int() || item.as_int() < 1) {
    throw Error(ErrorKind::kUsage, spot.place(),
                "a dimension is a positive integer or an axis name, not " + item.text());
  }
  const std::string* axis = expected_axis(input.name, index);
  if (axis == nullptr) return graph::Dim(item.as_int());
  seen_.insert(*axis);
  const Value* chosen = request_.axes.find(*axis);
  const bool agrees = chosen == nullptr || chosen->is_null() ||
                      (chosen->is_int() && chosen->as_int() == item.as_int());
  if (!agrees) {
    const std::string size = item.text();
    throw Error(ErrorKind::kUsage, spot.place(),
                "the model fixes the axis '" + *axis + "' of input '" + input.name + "' to " +
                    size + ", so it can't be " +
                    (chosen->is_int() ? std::to_string(chosen->as_int()) : "dynamic"),
                "Leave it as it is: the weights were trained for that size");
  }
  fixed_.push_back({&input, *axis, *axis + " to " + item.text()});
  return graph::Dim(item.as_int());
}

bool GraphAxes::fixed_by_model(const std::string& axis) const {
  return std::any_of(fixed_.begin(), fixed_.end(),
                     [&](const Fixed& fixed) { return fixed.axis == axis; });
}

void GraphAxes::finish(std::vector<std::string>& notes) const {
  for (std::size_t i = 0; i < fixed_.size();) {
    const recipe::Input& input = *fixed_[i].input;
    std::vector<std::string> sizes;
    for (; i < fixed_.size() && fixed_[i].input == &input; ++i) sizes.push_back(fixed_[i].text);
    notes.push_back("input " + input.name + ": the model fixes " + join_names(sizes) + " (" +
                    input.spot.place().str() + ")");
  }
  for (const auto& [axis, chosen] : request_.axes) {
    if (seen_.contains(axis)) {
      if (fixed_by_model(axis)) continue;
      if (chosen.is_int()) notes.push_back("the axis " + axis + " is fixed to " + chosen.to_json());
      if (chosen.is_string()) {
        notes.push_back("the axis " + axis + " is called " + chosen.as_string());
      }
      continue;
    }
    if (!chosen.is_int()) continue;  // of an output alone
    const std::vector<std::string> names(seen_.begin(), seen_.end());
    const std::string near = did_you_mean(axis, names);
    throw Error(ErrorKind::kUsage, {}, "no input of the graph has an axis '" + axis + "' to fix",
                near.empty() ? "There is " + join_names(names) : near);
  }
}

Value GraphAxes::output_axes(const Value* axes) const {
  Map named;
  if (axes == nullptr || !axes->is_map()) return named;
  for (const auto& [index, axis] : axes->as_map()) {
    const Value* chosen = axis.is_string() ? request_.axes.find(axis.as_string()) : nullptr;
    if (chosen != nullptr && chosen->is_int()) continue;
    named.set(index, chosen != nullptr && chosen->is_string() ? *chosen : axis);
  }
  return named;
}

}  // namespace switchyard
