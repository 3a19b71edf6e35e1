#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "engine/error.h"
#include "stages/export/export.h"
#include "stages/predict/accuracy.h"
#include "stages/predict/predictor.h"
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
      find_model(graph ? fs::absolute(require_graph(model)).parent_path().string() : model);
  const Resolution resolution = resolve(*rules, resolve_request(arguments, &source));
  require_decided(resolution);
  Console console(arguments);
  console.warn(resolution.warnings);

  std::optional<TemporaryExport> exported;
  if (!graph) {
    exported.emplace();
    console.progress("exporting " + model);
    const auto report = export_model(*rules, source, resolution, exported->file(), {});
    console.warn(report.warnings);
  }
  PredictOptions options;
  options.top_k = 1;
  options.threads = arguments.threads;
  const Predictor predictor(*rules, graph ? *graph : exported->file(), source, options);
  console.progress("running " + model);
  const Accuracy accuracy = evaluate_images(predictor, *arguments.data);
  console.clear_progress();

  if (arguments.format == OutputFormat::kJson) {
    const Value json = Map{{"model", model},
                           {"data", *arguments.data},
                           {"images", static_cast<std::int64_t>(accuracy.images)},
                           {"correct", static_cast<std::int64_t>(accuracy.correct)},
                           {"top1", accuracy.top1()}};
    std::printf("%s\n", json.to_json(2).c_str());
  } else {
    std::printf("%s  top-1 %s %% (%zu of %zu images)\n", model.c_str(),
                fixed_text(100 * accuracy.top1(), 2).c_str(), accuracy.correct, accuracy.images);
  }
  return 0;
}

}  // namespace switchyard
