// The built-in functions of the recipe language: one row each, with the help text that
// `switchyard recipe` and docs/recipes.md show. A test keeps the page and the table together.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stages/export/graph/item.h"
#include "stages/export/spot.h"

namespace switchyard::recipe {

class Evaluator;

struct BuiltinCall {
  Evaluator& evaluator;
  graph::Items arguments;
  const Spot& spot;
};

struct Builtin {
  std::string_view name;
  std::size_t min_arguments;
  std::size_t max_arguments;
  std::string_view help;  // "range(stop) / range(start, stop, step=1): ..."
  graph::Item (*function)(BuiltinCall& call);
};

// Null when there is none.
const Builtin* find_builtin(std::string_view name);
std::span<const Builtin> builtins();

}  // namespace switchyard::recipe
