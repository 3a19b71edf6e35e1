// Runs stages one after another in an output directory, only those whose inputs have changed, and
// keeps the manifest true at every moment. Knows no particular stage.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "stages/build/manifest.h"
#include "stages/build/stage_key.h"

namespace switchyard {

struct StageStep {
  std::string name;         // "export"
  std::string artifact;     // "export.onnx"
  std::string skip_reason;  // not empty: left out, for this reason

  // Adds what the stage reads, besides the artifact before it, to its key; and to `inputs` what a
  // person should see of that (name -> digest).
  std::function<void(StageKey& key, Map& inputs)> read;
  // Writes `output` from `input` (empty for the first stage), whole or not at all, and may fill in
  // data, notes, warnings and calibration of the record. Throws Error.
  std::function<void(const std::filesystem::path& input, const std::filesystem::path& output,
                     StageRecord& record)>
      run;
};

// Told of what happens while it happens. The defaults do nothing.
class BuildObserver {
 public:
  virtual ~BuildObserver() = default;
  virtual void started(const std::string& stage, std::size_t number, std::size_t of);
  virtual void finished(const StageRecord& record);
};

class StageRunner {
 public:
  // `manifest` is what an earlier build left, or a new one; `force` runs every stage anew.
  StageRunner(std::filesystem::path directory, Manifest manifest, bool force,
              BuildObserver& observer);

  // A stage whose key, artifact, digest and data files are as recorded is not run again. A stage
  // that fails leaves the earlier artifacts and its reason in the manifest; the Error names stage
  // and model. Returns the last artifact's path.
  std::filesystem::path run(const std::vector<StageStep>& steps);

  Manifest& manifest() { return manifest_; }
  void write_manifest() const { manifest_.write(directory_); }

 private:
  bool is_current(const StageRecord& now, const StageRecord& before) const;
  bool has_its_data(const StageRecord& record) const;
  void skip(const StageStep& step);
  void execute(const StageStep& step, const std::filesystem::path& input, StageRecord& record);
  [[noreturn]] void fail(StageRecord record, const class Error& error);

  std::filesystem::path directory_;
  Manifest manifest_;
  bool force_;
  BuildObserver& observer_;
};

}  // namespace switchyard
