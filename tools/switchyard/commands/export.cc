#include "stages/export/export.h"

#include <cstdio>
#include <string>
#include <system_error>

#include "stages/build/carried_files.h"
#include "stages/build/resolution_json.h"
#include "stages/build/weight_mode.h"
#include "tools/switchyard/build_request.h"
#include "tools/switchyard/commands/output_target.h"
#include "tools/switchyard/commands/stage_entry.h"
#include "tools/switchyard/console.h"
#include "tools/switchyard/model_request.h"
#include "tools/switchyard/resolution_text.h"
#include "tools/switchyard/text_table.h"

namespace switchyard {
namespace {

void print(const ExportReport& report, OutputFormat format) {
  std::error_code ignored;
  const auto bytes = std::filesystem::file_size(report.model, ignored);
  if (format == OutputFormat::kJson) {
    const Value json = Map{
        {"model", report.model.string()},
        {"bytes", static_cast<std::int64_t>(bytes)},
        {"weights", weight_mode_name(report.weights)},
        {"nodes", static_cast<std::int64_t>(report.nodes)},
        {"inputs", io_json(report.inputs)},
        {"outputs", io_json(report.outputs)},
        {"ignored", List(report.ignored.begin(), report.ignored.end())},
        {"notes", List(report.notes.begin(), report.notes.end())},
        {"warnings", List(report.warnings.begin(), report.warnings.end())},
    };
    std::printf("%s\n", json.to_json(2).c_str());
    return;
  }
  std::printf("%s  %s, %zu nodes, weights: %s\n\n%s", report.model.c_str(),
              size_text(bytes).c_str(), report.nodes,
              std::string(weight_mode_name(report.weights)).c_str(),
              io_text(report.inputs, report.outputs).c_str());
}

}  // namespace

int export_command(const Arguments& arguments) {
  if (!arguments.config) require_model(arguments, "export");
  OutputTarget target(require_output(arguments, "export"), arguments.overwrite);
  const BuildRequest request = build_request(arguments, BuildScope::kExport);
  Console console(arguments);
  require_decided(request.resolution);
  console.warn(request.resolution.warnings);
  console.warn(request.warnings);

  target.prepare();
  const ExportReport report =
      export_model(*request.rules, *request.source, request.resolution, target.file(),
                   {.weights = parse_weight_mode(request.plan.weights), .overwrite = true});
  if (target.is_directory()) {
    carry_files(*request.rules, *request.source, request.resolution, target.directory());
  }
  console.warn(report.warnings);
  for (const std::string& note : report.notes) console.note(note);
  for (const std::string& ignored : report.ignored) console.detail("ignored " + ignored);
  print(report, arguments.format);
  return 0;
}

}  // namespace switchyard
