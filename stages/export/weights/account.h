// What becomes of each tensor of a checkpoint: used, or there is a reason why not.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/error.h"
#include "stages/export/graph/graph.h"
#include "stages/export/recipe/recipe.h"
#include "stages/export/weights/names.h"
#include "stages/export/weights/weight_use.h"

namespace switchyard {

enum class Fate {
  kUsed,
  kNotNeeded,    // read by the recipe, of no effect on the task's outputs
  kTied,         // the same numbers as a tensor that is used
  kIdle,         // carries nothing, a rule says
  kIgnored,      // the recipe says
  kForeignHead,  // of another task
  kOtherPart,    // of another graph of the same model: its encoder, its decoder
  kUnused,       // nothing accounts for it: an error of an export
  kNotReached,   // the recipe stopped before it could be asked
};
std::string_view fate_name(Fate fate);  // "used", "not needed", ...

struct TensorFate {
  const StoredTensor* tensor = nullptr;
  Fate fate = Fate::kUnused;
  std::string name;                // as recipes write it: the one asked for, else without wrappers
  std::string scope;               // of the recipe that took it ("encoder.layer.0.attention.query")
  std::vector<std::string> rules;  // that led to the name, the type or the fate
  std::string reason;              // why it is not used; empty for one that is
};

// Which other run on the same checkpoint takes a tensor: "part decoder".
using TensorOwners = std::map<const StoredTensor*, std::string>;

struct Accounts {
  const recipe::Recipe& recipe;
  const recipe::Head& head;
  const WeightNames& names;
  const graph::Graph& graph;           // pruned
  const std::vector<WeightUse>& uses;  // what the recipe asked for
  const TensorOwners& others;
  bool complete = true;  // the recipe came to its end
};

// One entry for each tensor, in the order of `names`. `holds` evaluates the condition of an
// `ignore` entry.
std::vector<TensorFate> account_for_tensors(const Accounts& accounts,
                                            const std::function<bool(const recipe::Expr&)>& holds);

// One line for each reason: "53 tensors (bn1.num_batches_tracked, ...): rule ...".
std::vector<std::string> ignored_lines(const std::vector<TensorFate>& fates);

// Throws Error(kModel) listing the tensors that nothing accounts for.
void refuse_unused(const std::vector<TensorFate>& fates, const recipe::Recipe& recipe);

}  // namespace switchyard
