// What a scope's tensors say about its module: {weight [N, K], bias [N]} is a linear layer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "stages/export/skeleton/scope_tree.h"

namespace switchyard {

struct ModuleCall {
  std::string call;                         // "linear(x)"
  std::string library;                      // block library that has it; empty: an operator
  std::vector<const Scope::Leaf*> tensors;  // that it uses
};

// The call for the scope's own tensors, or nothing where they tell no module apart. `indices`: what
// an embedding looks up.
std::optional<ModuleCall> module_call(const Scope& scope, const std::string& indices);

}  // namespace switchyard
