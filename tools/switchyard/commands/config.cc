#include <cstdio>

#include "stages/build/build_configuration.h"
#include "tools/switchyard/build_request.h"
#include "tools/switchyard/commands/commands.h"
#include "tools/switchyard/console.h"
#include "tools/switchyard/version.h"

namespace switchyard {

int config_command(const Arguments& arguments) {
  const BuildRequest request = build_request(arguments, BuildScope::kConfig);
  Console console(arguments);
  console.warn(request.resolution.warnings);
  console.warn(request.warnings);
  const Value configuration = build_configuration(
      *request.rules, request.source ? &*request.source : nullptr, request.resolution, request.plan,
      request.parts, kVersion, arguments.digest == "full");
  std::printf("%s\n", configuration.to_json(2).c_str());
  return 0;
}

}  // namespace switchyard
