#include "stages/optimize/optimize.h"

#include <cstdio>
#include <string>

#include "engine/error.h"
#include "tools/switchyard/commands/graph_file.h"
#include "tools/switchyard/commands/output_target.h"
#include "tools/switchyard/commands/stage_entry.h"
#include "tools/switchyard/console.h"
#include "tools/switchyard/model_request.h"

namespace switchyard {

int optimize_command(const Arguments& arguments) {
  const auto input = require_graph(require_model(arguments, "optimize"));
  OutputTarget target(require_output(arguments, "optimize"), arguments.overwrite);
  const auto rules = load_rules(arguments);
  const auto outcome = rules->decide("optimization", Facts());
  const Value* level = outcome ? outcome->get("level") : nullptr;
  if (level == nullptr || !level->is_string()) {
    throw Error(ErrorKind::kUsage, {}, "no rule of the decision 'optimization' gives a level",
                "Add a rule without conditions and of priority 0 to that table");
  }
  target.prepare();
  const OptimizeReport report =
      optimize_model(input, target.file(), optimization_level(level->as_string()));

  Console console(arguments);
  for (const std::string& note : report.notes) console.note(note);
  if (arguments.format == OutputFormat::kJson) {
    const Value json = Map{{"model", target.file().string()},
                           {"level", *level},
                           {"nodes_before", static_cast<std::int64_t>(report.nodes_before)},
                           {"nodes_after", static_cast<std::int64_t>(report.nodes_after)},
                           {"seconds", report.seconds}};
    std::printf("%s\n", json.to_json(2).c_str());
  } else {
    std::printf("%s  %zu -> %zu nodes\n", target.file().c_str(), report.nodes_before,
                report.nodes_after);
  }
  return 0;
}

}  // namespace switchyard
