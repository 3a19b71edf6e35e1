#include "stages/runtime/perf.h"

#include <cstdio>
#include <string>
#include <vector>

#include "engine/error.h"
#include "engine/value.h"
#include "tools/switchyard/commands/graph_file.h"
#include "tools/switchyard/commands/stage_entry.h"
#include "tools/switchyard/console.h"
#include "tools/switchyard/text_table.h"

namespace switchyard {
namespace {

Value to_json(const std::string& model, const Latency& latency) {
  return Map{{"model", model},
             {"median_ms", latency.median_ms},
             {"p10_ms", latency.p10_ms},
             {"p90_ms", latency.p90_ms}};
}

std::vector<std::string> row(const std::string& model, const Latency& latency) {
  return {model, fixed_text(latency.median_ms, 3), fixed_text(latency.p10_ms, 3),
          fixed_text(latency.p90_ms, 3)};
}

}  // namespace

int perf_command(const Arguments& arguments) {
  if (arguments.pairs < 1) throw Error(ErrorKind::kUsage, {}, "--pairs must be 1 or more");
  const auto a = require_graph(arguments.operands[0]);
  const auto b = require_graph(arguments.operands[1]);
  PerfOptions options;
  options.runs = arguments.pairs;
  options.threads = arguments.threads;
  Console console(arguments);
  console.progress("timing");
  const PerfResult result = compare_latency(a, b, options);
  console.clear_progress();
  if (arguments.format == OutputFormat::kJson) {
    const Value json = Map{{"a", to_json(a.string(), result.a)},
                           {"b", to_json(b.string(), result.b)},
                           {"ratio", result.ratio},
                           {"pairs", result.runs}};
    std::printf("%s\n", json.to_json(2).c_str());
    return 0;
  }
  TextTable table({"model", "median ms", "p10", "p90"});
  for (std::size_t column : {1, 2, 3}) table.align_right(column);
  table.add(row(a.string(), result.a));
  table.add(row(b.string(), result.b));
  std::printf("%s\nratio of the second to the first: %s (median of %d pairs)\n",
              table.str().c_str(), fixed_text(result.ratio, 3).c_str(), result.runs);
  return 0;
}

}  // namespace switchyard
