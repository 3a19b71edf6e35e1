#include <stdlib.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "engine/error.h"
#include "stages/export/export.h"
#include "stages/predict/evaluate.h"
#include "tools/switchyard/commands/graph_file.h"
#include "tools/switchyard/commands/stage_entry.h"
#include "tools/switchyard/console.h"
#include "tools/switchyard/model_request.h"
#include "tools/switchyard/text_table.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

// A checkpoint has no graph yet: it gets one here for as long as it is measured.
class TemporaryExport {
 public:
  TemporaryExport() {
    std::string pattern = (fs::temp_directory_path() / "switchyard-eval-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
      throw Error(ErrorKind::kModel, {pattern}, "no temporary directory can be made",
                  "Set TMPDIR to a directory that can be written");
    }
    directory_ = pattern;
  }
  ~TemporaryExport() {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }
  TemporaryExport(const TemporaryExport&) = delete;
  TemporaryExport& operator=(const TemporaryExport&) = delete;

  fs::path file() const { return directory_ / "model.onnx"; }

 private:
  fs::path directory_;
};

// How the task is measured, as the rules say.
EvaluatorChoice evaluator_of(const Resolution& resolution) {
  const auto found = std::ranges::find(resolution.decisions, "evaluator", &Decision::name);
  if (found == resolution.decisions.end() || !found->value.is_map()) {
    throw Error(ErrorKind::kModel, {},
                "no rule of the decision 'evaluator' holds for the task '" + resolution.task +
                    "', so there is no measure of it",
                "Name another task with --task, or add a rule for this one to decision: evaluator "
                "in an overlay (the shipped rules measure classes and features of images)");
  }
  return {found->value, found->place};
}

}  // namespace

int eval_command(const Arguments& arguments) {
  const std::string& model = require_model(arguments, "eval");
  if (!arguments.data) {
    throw Error(ErrorKind::kUsage, {}, "'eval' needs labelled images",
                "Give a directory with one folder a class with --data");
  }
  const auto rules = load_rules(arguments);
  const auto graph = find_graph(model);
  const ModelSource source =
      graph ? find_model(fs::absolute(require_graph(model)).parent_path().string(),
                         arguments.revision)
            : *find_source(arguments, *rules, HubScope::kModel);
  const Resolution resolution = resolve(*rules, resolve_request(arguments, &source));
  require_decided(resolution);
  Console console(arguments);
  console.warn(resolution.warnings);

  const EvaluatorChoice evaluator = evaluator_of(resolution);

  std::optional<TemporaryExport> exported;
  if (!graph) {
    exported.emplace();
    console.progress("exporting " + model);
    const auto report = export_model(*rules, source, resolution, exported->file(), {});
    console.warn(report.warnings);
  }
  console.progress("running " + model);
  const Evaluation result = evaluate(*rules, graph ? *graph : exported->file(), source, evaluator,
                                     *arguments.data, arguments.threads);
  console.clear_progress();

  if (arguments.format == OutputFormat::kJson) {
    Map json{{"model", model},
             {"data", *arguments.data},
             {"task", resolution.task},
             {"images", static_cast<std::int64_t>(result.images)},
             {"correct", static_cast<std::int64_t>(result.correct)},
             {result.metric, result.accuracy()}};
    for (const auto& [name, value] : result.parameters) json.set(name, value);
    std::printf("%s\n", Value(std::move(json)).to_json(2).c_str());
  } else {
    std::printf("%s  %s %s %% (%zu of %zu images)\n", model.c_str(), result.label.c_str(),
                fixed_text(100 * result.accuracy(), 2).c_str(), result.correct, result.images);
  }
  return 0;
}

}  // namespace switchyard
