#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "engine/error.h"
#include "stages/build/quantize_step.h"
#include "stages/checkpoint/preprocessing.h"
#include "tools/switchyard/commands/graph_file.h"
#include "tools/switchyard/commands/output_target.h"
#include "tools/switchyard/commands/stage_entry.h"
#include "tools/switchyard/console.h"
#include "tools/switchyard/model_request.h"
#include "tools/switchyard/text_table.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

// The checkpoint's configuration beside the graph, where somebody put it.
std::optional<ModelSource> source_beside(const fs::path& graph) {
  const fs::path directory = fs::absolute(graph).parent_path();
  std::error_code ignored;
  if (!fs::exists(directory / "config.json", ignored)) return std::nullopt;
  return find_model(directory.string());
}

// What the tables say of a graph whose model is not known.
Resolution resolution_of_nothing(const RuleBook& rules) {
  Resolution resolution;
  for (const char* name : {"optimization", "precision", "calibration", "calibration_fallback"}) {
    const auto outcome = rules.decide(name, Facts());
    if (!outcome) continue;
    resolution.decisions.push_back({name, outcome->outputs, std::string(outcome->rule.id),
                                    outcome->rule.place(), std::string(outcome->rule.source)});
  }
  return resolution;
}

}  // namespace

int quantize_command(const Arguments& arguments) {
  const fs::path input = require_graph(require_model(arguments, "quantize"));
  OutputTarget target(require_output(arguments, "quantize"), arguments.overwrite);
  const auto rules = load_rules(arguments);
  const auto source = source_beside(input);
  const Resolution resolution = source ? resolve(*rules, resolve_request(arguments, &*source))
                                       : resolution_of_nothing(*rules);
  BuildChoices choices = build_choices(arguments);
  choices.precision = "int8";  // the command itself says so
  const BuildPlan plan = plan_build(resolution, choices);
  const auto preprocessing =
      source ? image_preprocessing(*rules, *source) : std::optional<ImagePreprocessing>();

  Console console(arguments);
  target.prepare();
  console.progress("quantizing " + input.string());
  const QuantizeStepReport report = quantize_by_plan(plan, preprocessing, input, target.file());
  console.warn(report.warnings);
  for (const std::string& note : report.notes) console.detail(note);
  if (arguments.format == OutputFormat::kJson) {
    const Value json = Map{{"model", target.file().string()},
                           {"calibration", report.calibration},
                           {"notes", List(report.notes.begin(), report.notes.end())},
                           {"warnings", List(report.warnings.begin(), report.warnings.end())}};
    std::printf("%s\n", json.to_json(2).c_str());
  } else {
    std::error_code ignored;
    std::printf("%s  %s, %s\n", target.file().c_str(),
                size_text(fs::file_size(target.file(), ignored)).c_str(),
                report.notes.front().c_str());
  }
  return 0;
}

}  // namespace switchyard
