// The axes of a graph's inputs and outputs: as the recipe has them, under what the user makes of
// them (GraphRequest::axes).
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "engine/value.h"
#include "stages/export/build_graph.h"
#include "stages/export/graph/dim.h"
#include "stages/export/graph/item.h"
#include "stages/export/recipe/recipe.h"

namespace switchyard {

class GraphAxes {
 public:
  // `request` must outlive it.
  explicit GraphAxes(const GraphRequest& request) : request_(request) {}

  // Dimension `index` of a recipe's input; `item` is what its `dims` say. Throws Error(kUsage): no
  // dimension at all, an axis that the model fixes to another size than the user, or an axis that
  // may not stay dynamic and has no size.
  graph::Dim input_dim(const graph::Item& item, const recipe::Input& input, std::size_t index);

  // Once all inputs are there: notes what the model fixes and what the user's choices did. Throws
  // Error(kUsage) when the user fixed an axis that no input has.
  void finish(std::vector<std::string>& notes) const;

  // A head's {dimension index: axis name} of an output, null where it gives none: with the user's
  // names, and without axes that have a size, which shape inference knows.
  Value output_axes(const Value* axes) const;

 private:
  // The name that the model's ONNX configuration has for a dimension the recipe fixes, or null.
  const std::string* expected_axis(const std::string& input, std::size_t index) const;

  // A dimension that the recipe fixes and the ONNX configuration names.
  struct Fixed {
    const recipe::Input* input;
    std::string axis;
    std::string text;  // "height to 224"
  };
  bool fixed_by_model(const std::string& axis) const;

  const GraphRequest& request_;
  std::set<std::string> seen_;  // the names of the inputs' axes
  std::vector<Fixed> fixed_;
};

}  // namespace switchyard
