#include "stages/export/recipe/check.h"

#include "engine/error.h"
#include "stages/export/recipe/recipe.h"

namespace switchyard::recipe {
namespace {

template <typename Read>
void collect(const std::string& recipe, const std::string& block, Problems& problems, Read read) {
  try {
    read();
  } catch (const Error& error) {
    Problem problem;
    problem.place = error.place();
    problem.kind = "recipe";
    problem.decision = recipe;
    problem.rule = block;
    problem.what = error.message();
    problem.mend = error.mend();
    problems.push_back(std::move(problem));
  }
}

}  // namespace

void check_recipes(const RuleBook& rules, Problems& problems) {
  for (const std::string& name : rules.recipes()) {
    collect(name, {}, problems, [&] {
      const Recipe recipe = load_recipe(rules, name);
      for (const auto& [block_name, block] : recipe.blocks) {
        collect(name, block_name, problems, [&] { block.statements(); });
      }
    });
  }
}

}  // namespace switchyard::recipe
