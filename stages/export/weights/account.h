// Every tensor of a checkpoint is used, or there is a reason why not.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "stages/export/graph/graph.h"
#include "stages/export/recipe/recipe.h"
#include "stages/export/weights/names.h"

namespace switchyard {

struct Accounts {
  const recipe::Recipe& recipe;
  const recipe::Head& head;
  const WeightNames& names;
  const Weights& weights;
  const graph::Graph& graph;  // pruned
};

// One line for each reason: "53 tensors (bn1.num_batches_tracked, ...): rule ...".
// `holds` evaluates the condition of an `ignore` entry.
// Throws Error(kModel) listing the tensors that nothing accounts for.
std::vector<std::string> account_for_tensors(const Accounts& accounts,
                                             const std::function<bool(const recipe::Expr&)>& holds);

}  // namespace switchyard
