#include "stages/build/build.h"

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/error.h"
#include "engine/output_file.h"
#include "stages/build/build_configuration.h"
#include "stages/build/carried_files.h"
#include "stages/build/output_lock.h"
#include "stages/build/quantize_step.h"
#include "stages/build/resolution_json.h"
#include "stages/build/weight_mode.h"
#include "stages/checkpoint/preprocessing.h"
#include "stages/export/export.h"
#include "stages/optimize/optimize.h"
#include "stages/weights/open_weights.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModelFile = "model.onnx";
constexpr const char* kConfigurationFile = "build.json";

// What a killed build left: every stage's drafts have ".tmp" in their names, and the lock says that
// nobody is writing one now.
void remove_drafts(const fs::path& directory) {
  std::error_code failed;
  for (fs::directory_iterator next(directory, failed), end; !failed && next != end;
       next.increment(failed)) {
    std::error_code ignored;
    const std::string name = next->path().filename().string();
    if (name.find(".tmp") != std::string::npos && next->is_regular_file(ignored)) {
      fs::remove(next->path(), ignored);
    }
  }
}

// The manifest to go on from.
Manifest open_output(const fs::path& directory, const std::string& model, bool overwrite) {
  auto manifest = Manifest::read(directory);
  std::error_code failed;
  if (!overwrite && !manifest && !fs::is_empty(directory, failed)) {
    throw Error(ErrorKind::kUsage, {directory.string()},
                "this directory holds something else than a build of Switchyard",
                "Choose another place with -o, or take this one with --overwrite");
  }
  if (!overwrite && manifest && manifest->model != model) {
    throw Error(ErrorKind::kUsage, {directory.string()},
                "this directory holds the build of another model, " + manifest->model,
                "Choose another place with -o, or take this one with --overwrite");
  }
  if (manifest) remove_drafts(directory);
  return manifest.value_or(Manifest());
}

void record_data(const fs::path& artifact, const std::vector<std::string>& files,
                 StageRecord& record) {
  for (const std::string& name : files) {
    record.data.set(name, file_identity(artifact.parent_path() / name));
  }
}

// The building of one graph: what its stages read, gathered once.
class Build {
 public:
  // `part` is empty for a model of one graph.
  Build(const RuleBook& rules, const ModelSource& source, const std::string& part,
        const Resolution& resolution, const BuildPlan& plan, const BuildOptions& options)
      : rules_(rules),
        source_(source),
        part_(part),
        resolution_(resolution),
        plan_(plan),
        options_(options) {}

  std::vector<StageStep> steps() {
    std::vector<StageStep> steps = {
        step("export", "export.onnx", &Build::read_export, &Build::run_export),
        step("optimize", "optimized.onnx", &Build::read_optimize, &Build::run_optimize),
        step("quantize", "quantized.onnx", &Build::read_quantize, &Build::run_quantize),
    };
    if (!plan_.quantizes()) {
      const std::string& rule = plan_.precision.rule_id;
      steps.back().skip_reason = "the precision is fp32, as " +
                                 (rule.empty() ? "the user said" : "rule " + rule + " says");
    }
    return steps;
  }

 private:
  using Read = void (Build::*)(StageKey&, Map&);
  using Run = void (Build::*)(const fs::path&, const fs::path&, StageRecord&);

  StageStep step(const std::string& name, const std::string& artifact, Read read, Run run) {
    return {part_.empty() ? name : part_ + "/" + name,
            part_.empty() ? artifact : part_ + "." + artifact,
            {},
            [this, read](StageKey& key, Map& inputs) { (this->*read)(key, inputs); },
            [this, run](const fs::path& input, const fs::path& output, StageRecord& record) {
              (this->*run)(input, output, record);
            }};
  }

  WeightMode weight_mode() const {
    return part_.empty() ? parse_weight_mode(plan_.weights) : parse_part_weight_mode(plan_.weights);
  }

  // A graph may refer to the weights, so every stage reads them.
  void read_weights(StageKey& key, Map& inputs) {
    if (weights_.empty()) {
      const Weights weights = open_weights(rules_, source_);
      for (const WeightFile& file : weights.files()) {
        weights_.emplace_back(file.name,
                              weight_identity(file, options_.weight_digest));
      }
    }
    for (const auto& [name, identity] : weights_) {
      key.add(name, identity);
      inputs.set(name, identity);
    }
  }

  void read_export(StageKey& key, Map& inputs) {
    read_weights(key, inputs);
    key.add("rules", rules_.digest());
    key.add_value("config", source_.config);
    key.add_value("resolution", resolution_json(resolution_));
    key.add_value("completed config", resolution_.config);
    key.add_value("axes", resolution_.axes);
    key.add("part", resolution_.part);
    key.add_value("options", resolution_.options);
    key.add("weights", plan_.weights);
    inputs.set("config.json", sha256_hex(source_.config.to_json()));
    inputs.set("rules", rules_.digest());
  }

  void run_export(const fs::path&, const fs::path& output, StageRecord& record) {
    ExportReport report =
        export_model(rules_, source_, resolution_, output,
                     {.weights = weight_mode(), .overwrite = true});
    record_data(output, report.data, record);
    record.notes = std::move(report.notes);
    record.notes.push_back("weights: " + std::string(weight_mode_name(report.weights)));
    for (const std::string& ignored : report.ignored) record.notes.push_back("ignored " + ignored);
    record.warnings = std::move(report.warnings);
  }

  void read_optimize(StageKey& key, Map& inputs) {
    read_weights(key, inputs);
    key.add_value("optimization", plan_.optimization.value);
  }

  void run_optimize(const fs::path& input, const fs::path& output, StageRecord& record) {
    const std::string& level = plan_.optimization.value.find("level")->as_string();
    OptimizeReport report = optimize_model(input, output, optimization_level(level));
    record_data(output, report.data, record);
    record.notes = std::move(report.notes);
    record.notes.push_back("nodes: " + std::to_string(report.nodes_before) + " -> " +
                           std::to_string(report.nodes_after));
  }

  void read_quantize(StageKey& key, Map& inputs) {
    read_weights(key, inputs);
    key.add_value("precision", plan_.precision.value);
    key.add_value("calibration", plan_.calibration.value);
    key.add_value("calibration_fallback", plan_.calibration_fallback.value);
    key.add_value("config", source_.config);
    key.add_value("preprocessor", source_.preprocessor_config);
    key.add("rules", rules_.digest());
    if (const Value* path = plan_.calibration.value.find("path")) {
      const std::string identity = data_identity(path->as_string());
      key.add("data", identity);
      inputs.set(path->as_string(), identity);
    }
  }

  void run_quantize(const fs::path& input, const fs::path& output, StageRecord& record) {
    QuantizeStepReport report =
        quantize_by_plan(plan_, image_preprocessing(rules_, source_), input, output);
    record_data(output, report.data, record);
    record.calibration = std::move(report.calibration);
    record.notes = std::move(report.notes);
    record.warnings = std::move(report.warnings);
  }

  const RuleBook& rules_;
  const ModelSource& source_;
  const std::string part_;
  const Resolution& resolution_;
  const BuildPlan& plan_;
  const BuildOptions& options_;
  std::vector<std::pair<std::string, std::string>> weights_;  // file name, identity
};

}  // namespace

Manifest build_model(const RuleBook& rules, const ModelSource& source, const Resolution& resolution,
                     const BuildPlan& plan, const std::vector<BuildPart>& parts,
                     const fs::path& directory, const BuildOptions& options,
                     BuildObserver& observer) {
  create_directory_for_output(directory);
  const OutputLock lock(directory);
  const std::string model = source.directory.string();
  Manifest manifest = open_output(directory, model, options.overwrite);
  manifest.version = options.tool_version;
  manifest.model = model;
  manifest.rules = rules.digest();

  // The manifest first: by it a killed build is known as one.
  StageRunner runner(directory, std::move(manifest), options.overwrite, observer);
  runner.write_manifest();
  const Value configuration =
      build_configuration(rules, &source, resolution, plan, parts, options.tool_version,
                          options.weight_digest == WeightDigest::kFull);
  write_file_atomically(directory / kConfigurationFile, configuration.to_json(2) + "\n");

  std::vector<fs::path> last;
  Map files;
  if (parts.empty()) {
    Build build(rules, source, {}, resolution, plan, options);
    last.push_back(runner.run(build.steps()));
    place_file_atomically(last.back(), directory / kModelFile);
  }
  for (const BuildPart& part : parts) {
    Build build(rules, source, part.name, part.resolution, part.plan, options);
    last.push_back(runner.run(build.steps()));
    const std::string file = part.name + ".onnx";
    place_file_atomically(last.back(), directory / file);
    files.set(part.name, file);
  }
  Manifest& done = runner.manifest();
  done.files = carry_files(rules, source, resolution, directory);
  if (parts.empty()) done.model_file = kModelFile;
  done.parts = std::move(files);
  done.model_data.clear();
  for (const StageRecord& record : done.stages) {
    for (const fs::path& artifact : last) {
      if (record.artifact != artifact.filename()) continue;
      for (const auto& [name, identity] : record.data) {
        const bool known = std::find(done.model_data.begin(), done.model_data.end(), name) !=
                           done.model_data.end();
        if (!known) done.model_data.push_back(name);
      }
    }
  }
  runner.write_manifest();
  return done;
}

}  // namespace switchyard
