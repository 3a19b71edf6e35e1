#include <cstdio>

#include "engine/error.h"
#include "stages/build/build_plan.h"
#include "tools/switchyard/commands/commands.h"
#include "tools/switchyard/console.h"
#include "tools/switchyard/model_request.h"
#include "tools/switchyard/version.h"

namespace switchyard {

int config_command(const Arguments& arguments) {
  if (!arguments.model && !arguments.model_type && !arguments.model_class) {
    throw Error(ErrorKind::kUsage, {}, "'config' needs a model",
                "Give one with -m, or a model type with --model-type");
  }
  const auto rules = load_rules(arguments);
  const auto source = find_source(arguments, *rules, HubScope::kConfiguration);
  const ModelSource* found = source ? &*source : nullptr;
  const Resolution resolution = resolve(*rules, resolve_request(arguments, found));
  const BuildPlan plan = plan_build(resolution, build_choices(arguments));

  Console(arguments).warn(resolution.warnings);
  const Value configuration = build_configuration(*rules, found, resolution, plan, kVersion);
  std::printf("%s\n", configuration.to_json(2).c_str());
  return 0;
}

}  // namespace switchyard
