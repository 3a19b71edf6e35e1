// `recipe check`: what is wrong with recipes, before any checkpoint.
#include "stages/export/recipe/static/static_check.h"
#include "tools/switchyard/commands/stage_entry.h"
#include "tools/switchyard/model_request.h"
#include "tools/switchyard/problem_text.h"

namespace switchyard {

int recipe_check(const Arguments& arguments) {
  const auto rules = load_rules(arguments);
  return print_problems(recipe::check_sources(*rules, arguments.operands), arguments);
}

}  // namespace switchyard
