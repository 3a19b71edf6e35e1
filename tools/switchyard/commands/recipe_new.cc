// `recipe new`: a first recipe for a checkpoint.
#include <cstdio>
#include <filesystem>

#include "engine/error.h"
#include "engine/output_file.h"
#include "stages/export/skeleton/skeleton.h"
#include "stages/weights/open_weights.h"
#include "tools/switchyard/commands/stage_entry.h"
#include "tools/switchyard/console.h"
#include "tools/switchyard/model_request.h"

namespace switchyard {
namespace {

// A model that the rules do not know yet is what recipes are written for: then the user says what
// they would have.
SkeletonRequest skeleton_request(const Arguments& arguments, const RuleBook& rules,
                                 const ResolveRequest& asked, Console& console) {
  SkeletonRequest request;
  request.config = asked.config;
  if (const Value* type = asked.config.find("model_type"); type && type->is_string())
    request.model_type = type->as_string();
  request.task = arguments.task.value_or("feature-extraction");
  try {
    const Resolution resolution = resolve(rules, asked);
    request.task = resolution.task;
    request.model_type = resolution.model_type;
    request.name = resolution.recipe.value_or(std::string());
    request.inputs = resolution.inputs;
    request.outputs = resolution.outputs;
  } catch (const Error& error) {
    console.warn("the rules do not know this model, so inputs and outputs are to be named: " +
                 error.message());
  }
  if (request.name.empty()) request.name = request.model_type;
  if (arguments.recipe) request.name = *arguments.recipe;
  if (request.name.empty()) request.name = "model";
  return request;
}

}  // namespace

int recipe_new(const Arguments& arguments) {
  require_model(arguments, "recipe new");
  if (arguments.output && !arguments.overwrite && std::filesystem::exists(*arguments.output)) {
    throw Error(ErrorKind::kUsage, {*arguments.output}, "the file is there already",
                "Give another name with -o, or --overwrite");
  }
  const auto rules = load_rules(arguments);
  const ModelSource source = *find_source(arguments, *rules, HubScope::kModel);
  Console console(arguments);
  const SkeletonRequest request =
      skeleton_request(arguments, *rules, resolve_request(arguments, &source), console);
  const Weights weights = open_weights(*rules, source);
  const std::string text = recipe_skeleton(request, tensor_list(weights));
  if (arguments.output) {
    write_file_atomically(*arguments.output, text);
  } else {
    std::fputs(text.c_str(), stdout);
  }
  return 0;
}

}  // namespace switchyard
