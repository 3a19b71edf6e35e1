#include "stages/build/build.h"

#include <cstdio>
#include <string>

#include "tools/switchyard/build_request.h"
#include "tools/switchyard/commands/stage_entry.h"
#include "tools/switchyard/console.h"
#include "tools/switchyard/model_request.h"
#include "tools/switchyard/text_table.h"
#include "tools/switchyard/version.h"

namespace switchyard {
namespace {

// A line for the stage at work, which gives way to the next.
class Progress : public BuildObserver {
 public:
  explicit Progress(Console& console) : console_(console) {}

  void started(const std::string& stage, std::size_t number, std::size_t of) override {
    console_.progress("[" + std::to_string(number) + "/" + std::to_string(of) + "] " + stage +
                      " ...");
  }
  void finished(const StageRecord& record) override {
    console_.clear_progress();
    console_.warn(record.warnings);
    for (const std::string& note : record.notes) console_.detail(record.name + ": " + note);
  }

 private:
  Console& console_;
};

std::string status_text(const StageRecord& record) {
  return record.reused ? "unchanged" : std::string(status_name(record.status));
}

std::string summary(const Manifest& manifest, const std::filesystem::path& directory) {
  TextTable table({"stage", "status", "time", "size", "file"});
  table.align_right(2);
  table.align_right(3);
  for (const StageRecord& stage : manifest.stages) {
    if (stage.status == StageStatus::kDone) {
      table.add({stage.name, status_text(stage), duration_text(stage.seconds),
                 size_text(stage.bytes), (directory / stage.artifact).string()});
    } else {
      table.add({stage.name, status_text(stage), "", "", stage.reason});
    }
  }
  std::string text = table.str();
  for (const StageRecord& stage : manifest.stages) {
    const Value* used = stage.calibration.find("used");
    const Value* reason = stage.calibration.find("reason");
    if (used == nullptr || !used->is_string()) continue;
    text += "calibrated with " + used->as_string();
    if (reason != nullptr && reason->is_string()) text += ": " + reason->as_string();
    text += '\n';
  }
  for (const auto& [part, file] : manifest.parts) {
    text += part + ": " + (directory / file.as_string()).string() + '\n';
  }
  if (manifest.model_file.empty()) return text;
  return text + "model: " + (directory / manifest.model_file).string() + '\n';
}

}  // namespace

int build_command(const Arguments& arguments) {
  if (!arguments.config) require_model(arguments, "build");
  const std::filesystem::path directory = require_output(arguments, "build");
  const BuildRequest request = build_request(arguments, BuildScope::kBuild);
  require_decided(request.resolution);

  Console console(arguments);
  console.warn(request.resolution.warnings);
  console.warn(request.warnings);
  Progress progress(console);
  const BuildOptions options = {
      .overwrite = arguments.overwrite,
      .weight_digest = arguments.digest == "full" ? WeightDigest::kFull : WeightDigest::kHeader,
      .tool_version = kVersion,
  };
  const Manifest manifest =
      build_model(*request.rules, *request.source, request.resolution, request.plan,
                  request.parts, directory, options, progress);
  if (arguments.format == OutputFormat::kJson) {
    std::fputs(manifest.to_json().c_str(), stdout);
  } else {
    std::fputs(summary(manifest, directory).c_str(), stdout);
  }
  return 0;
}

}  // namespace switchyard
