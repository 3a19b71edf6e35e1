// What the user makes of a graph's axes: fixed to a size, or dynamic under a name of the user's.
//
//   --shape height=480,width=480      {height: 480, width: 480}
//   --dynamic-axes FILE               {pixel_values: {0: batch}}, as torch.onnx.export knows it:
//                                     TENSOR: {DIMENSION: NAME}, or TENSOR: [DIMENSION, ...]
//
// Both come down to one map from the axes' own names (those of the ONNX configuration), which
// Resolution::axes holds: AXIS: SIZE fixes it, AXIS: NAME renames it, AXIS: null says that it must
// not stay dynamic (the file names the tensor's dynamic axes, and this is none of them), though
// only the recipe can tell whether the model has a size for it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/faults.h"
#include "engine/yaml.h"
#include "stages/resolve/resolve.h"

namespace switchyard {

struct AxisRequest {
  std::vector<std::pair<std::string, std::int64_t>> sizes;  // positive; no axis twice
  YamlNode dynamic_axes;                                    // null: not said

  bool empty() const { return sizes.empty() && dynamic_axes.is_null(); }
};

// Lays the request over `resolution.axes`; what it says wins. Everything that is wrong is added to
// `faults`, as Error(kUsage): a tensor, dimension or axis that the model does not have, an axis
// both dynamic and fixed, or of two names, a name for two axes. Then the resolution stays as it is.
void lay_axes(const AxisRequest& request, Resolution& resolution, Faults& faults);

// Inputs or outputs with `axes` carried out. A dimension that is an expression ("a + b") becomes a
// number when all of its axes have one.
std::vector<TensorSpec> with_axes(std::vector<TensorSpec> specs, const Map& axes);

// The names of axes in `specs`, each once, in order; those in expressions too.
std::vector<std::string> axis_names(const std::vector<TensorSpec>& specs);

// Whether a dimension may bear this name: letters, digits and _, no digit first.
bool is_axis_name(std::string_view name);

}  // namespace switchyard
