// How a checkpoint fits its recipe, tensor by tensor, also where it does not: `inspect --weights`.
#pragma once

#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "stages/checkpoint/checkpoint.h"
#include "stages/export/build_graph.h"
#include "stages/export/weights/account.h"
#include "stages/resolve/resolve.h"

namespace switchyard {

struct WeightReport {
  std::string recipe_file;
  std::vector<TensorFate> tensors;  // in the order of the weights
  // What the recipe asked for and the checkpoint lacks. An optional one is no fault.
  struct Missing {
    std::string name;
    Place place;  // in the recipe
    bool optional = false;
    std::string nearest;  // names near it, as a sentence; or empty
  };
  std::vector<Missing> missing;
  // Why the recipe ended early; empty when it did not. Then `missing` may lack some.
  std::string stopped;

  // Whether an export would accept the names, and the shapes as far as it came.
  bool fits() const;
};

// As build_graph (build_graph.h), but a checkpoint that does not fit is no error. `weights` must
// outlive the result. Throws Error(kModel): no such recipe or task, a rule that refuses the
// checkpoint; Error(kUsage): a wrong recipe.
WeightReport report_weights(const RuleBook& rules, const GraphRequest& request,
                            const Weights& weights);

}  // namespace switchyard
