#include "stages/build/stage_runner.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <system_error>
#include <utility>

#include "engine/digest.h"
#include "engine/error.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

std::uint64_t size_of(const fs::path& file) {
  std::error_code failed;
  const auto size = fs::file_size(file, failed);
  return failed ? 0 : size;
}

}  // namespace

void BuildObserver::started(const std::string&, std::size_t, std::size_t) {}
void BuildObserver::finished(const StageRecord&) {}

StageRunner::StageRunner(fs::path directory, Manifest manifest, bool force, BuildObserver& observer)
    : directory_(std::move(directory)),
      manifest_(std::move(manifest)),
      force_(force),
      observer_(observer) {}

bool StageRunner::is_current(const StageRecord& now, const StageRecord& before) const {
  if (force_ || before.status != StageStatus::kDone || before.key != now.key) return false;
  if (before.artifact != now.artifact) return false;
  const fs::path artifact = directory_ / before.artifact;
  std::error_code failed;
  if (!fs::is_regular_file(artifact, failed) || size_of(artifact) != before.bytes) return false;
  return has_its_data(before) && sha256_of_file(artifact) == before.digest;
}

// Data files can be larger than what anyone wants to read at each build, so they are told by what
// the file system knows of them.
bool StageRunner::has_its_data(const StageRecord& record) const {
  return std::all_of(record.data.begin(), record.data.end(), [&](const auto& entry) {
    std::error_code failed;
    const fs::path file = directory_ / entry.first;
    return fs::is_regular_file(file, failed) && Value(file_identity(file)) == entry.second;
  });
}

void StageRunner::skip(const StageStep& step) {
  StageRecord record;
  record.name = step.name;
  record.status = StageStatus::kSkipped;
  record.reason = step.skip_reason;
  // What an earlier build made here would pass for this one's.
  if (const StageRecord* before = manifest_.find(step.name);
      before != nullptr && before->artifact == step.artifact) {
    std::error_code ignored;
    fs::remove(directory_ / step.artifact, ignored);
    // Its own data, not what it shares with the stages before it.
    for (const auto& [name, identity] : before->data) {
      if (name.starts_with(step.artifact + ".")) fs::remove(directory_ / name, ignored);
    }
  }
  manifest_.set(record);
  observer_.finished(record);
}

void StageRunner::fail(StageRecord record, const Error& error) {
  record.status = StageStatus::kFailed;
  record.reason = error.what();
  const std::string stage = record.name;
  manifest_.set(std::move(record));
  write_manifest();
  throw Error(error.kind(), error.place(),
              "the stage '" + stage + "' failed for " + manifest_.model + ": " + error.message(),
              error.mend());
}

void StageRunner::execute(const StageStep& step, const fs::path& input, StageRecord& record) {
  manifest_.model_data.clear();
  manifest_.model_file.clear();  // model.onnx no longer stands for what is being made
  manifest_.parts = Map();
  write_manifest();
  const auto begin = std::chrono::steady_clock::now();
  const fs::path output = directory_ / step.artifact;
  try {
    step.run(input, output, record);
    record.bytes = size_of(output);
    record.digest = sha256_of_file(output);
  } catch (const Error& error) {
    fail(record, error);
  } catch (const std::bad_alloc&) {
    fail(record, Error(ErrorKind::kModel, {}, "out of memory",
                       "Close other programs, or use --weights reference"));
  }
  record.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

fs::path StageRunner::run(const std::vector<StageStep>& steps) {
  fs::path last;
  std::string last_digest;
  Map last_data;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const StageStep& step = steps[i];
    if (!step.skip_reason.empty()) {
      skip(step);
      continue;
    }
    observer_.started(step.name, i + 1, steps.size());
    StageRecord record;
    record.name = step.name;
    record.artifact = step.artifact;
    StageKey key(step.name, manifest_.version);
    if (!last.empty()) {
      key.add("artifact", last_digest);
      record.inputs.set(last.filename().string(), last_digest);
      for (const auto& [name, identity] : last_data) key.add_value(name, identity);
    }
    try {
      step.read(key, record.inputs);
    } catch (const Error& error) {
      fail(record, error);
    }
    record.key = key.hex();

    const StageRecord* before = manifest_.find(step.name);
    if (before != nullptr && is_current(record, *before)) {
      record = *before;
      record.reused = true;
    } else {
      execute(step, last, record);
    }
    manifest_.set(record);
    write_manifest();
    observer_.finished(record);
    last = directory_ / record.artifact;
    last_digest = record.digest;
    last_data = record.data;
  }
  return last;
}

}  // namespace switchyard
