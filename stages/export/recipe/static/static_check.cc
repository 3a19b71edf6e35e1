#include "stages/export/recipe/static/static_check.h"

#include <filesystem>

#include "engine/faults.h"
#include "engine/rule_listing.h"
#include "engine/text.h"
#include "engine/yaml.h"
#include "stages/checkpoint/mapped_file.h"
#include "stages/export/recipe/recipe.h"
#include "stages/export/recipe/static/walk.h"

namespace switchyard::recipe {
namespace {

Problem problem_of(const Error& error, const std::string& recipe) {
  Problem problem;
  problem.place = error.place();
  problem.kind = "recipe";
  problem.decision = recipe;
  problem.what = error.message();
  problem.mend = error.mend();
  return problem;
}

// A file is a library when it says so; one that is no YAML is told of as a recipe.
bool is_library(const RuleBook::Source& source) {
  try {
    return parse_yaml(source.text, source.file).find("blocks_library") != nullptr;
  } catch (const Error&) {
    return false;
  }
}

void check_operand(const RuleBook& rules, const std::string& operand, Problems& problems) {
  if (const auto source = rules.recipe(operand))
    return check_source(rules, *source, false, problems);
  if (const auto source = rules.block_library(operand))
    return check_source(rules, *source, true, problems);
  std::error_code failed;
  if (!std::filesystem::exists(operand, failed)) {
    std::vector<std::string> names;
    for (const ListedSource& source : list_sources(rules)) names.push_back(source.name);
    throw Error(ErrorKind::kUsage, {},
                "there is no recipe, block library or file '" + operand + "'",
                did_you_mean(operand, names));
  }
  const RuleBook::Source source{read_text(operand), operand};
  check_source(rules, source, is_library(source), problems);
}

}  // namespace

void check_source(const RuleBook& rules, const RuleBook::Source& source, bool library,
                  Problems& problems) {
  Faults faults;
  const Recipe recipe =
      library ? read_library(rules, source, &faults) : read_recipe(rules, source, &faults);
  for (const Fault& fault : faults.list()) problems.push_back(problem_of(fault.error, recipe.name));
  check_names_and_calls(recipe, library, faults.size() > 0, problems);
}

Problems check_sources(const RuleBook& rules, const std::vector<std::string>& operands) {
  Problems problems;
  for (const std::string& operand : operands) check_operand(rules, operand, problems);
  if (operands.empty()) {
    for (const ListedSource& listed : list_sources(rules)) {
      const auto source =
          listed.is_library ? rules.block_library(listed.name) : rules.recipe(listed.name);
      if (source) check_source(rules, *source, listed.is_library, problems);
    }
  }
  sort_problems(problems);
  return problems;
}

}  // namespace switchyard::recipe
