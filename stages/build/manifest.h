// manifest.json: what a build did, stage by stage, and what a later build need not do again.
//
//   {"tool": "switchyard", "version": "0.1.0", "model": "/models/x", "rules": DIGEST,
//    "stages": [{"name": "export", "status": "done", "seconds": 0.02, "key": DIGEST,
//                "artifact": "export.onnx", "bytes": 123, "digest": DIGEST,
//                "data": {"export.onnx.data": "size 123 ..."},
//                "reused": false, "inputs": {"model.safetensors": "..."}}, ...],
//    "model_file": "model.onnx", "parts": {}, "model_data": ["export.onnx.data"], "files": ["config.json", ...]}
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/value.h"

namespace switchyard {

enum class StageStatus { kDone, kSkipped, kFailed };
std::string_view status_name(StageStatus status);  // "done", "skipped", "failed"

struct StageRecord {
  std::string name;
  StageStatus status = StageStatus::kDone;
  bool reused = false;      // done by an earlier build whose key was the same
  double seconds = 0;       // of the run that made the artifact
  std::string key;          // hex SHA-256 over what the stage reads
  std::string artifact;     // file name within the output directory; empty when none
  std::uint64_t bytes = 0;  // of the artifact
  std::string digest;       // of the artifact, hex SHA-256
  Map data;                 // files beside the artifact that hold its weights -> their identity
  Map inputs;               // what was read -> its digest or identity
  Value calibration;        // {requested, used, reason}, or null
  std::string reason;       // why it was skipped, or how it failed
  std::vector<std::string> notes;
  std::vector<std::string> warnings;
};

struct Manifest {
  std::string version;  // of the tool
  std::string model;    // canonical directory of the checkpoint
  std::string rules;    // digest of the rules in force
  std::vector<StageRecord> stages;
  std::string model_file;  // "model.onnx" once it stands for these stages; else empty
  Map parts;               // of a composite: part -> its file, "encoder.onnx"; likewise
  std::vector<std::string> model_data;  // files that hold its weights; they belong beside it
  std::vector<std::string> files;  // carried along from the checkpoint

  const StageRecord* find(std::string_view stage) const;
  // Replaces the record of the same name, or appends.
  void set(StageRecord record);

  std::string to_json() const;

  static constexpr const char* kFileName = "manifest.json";
  // Nothing when the directory holds no manifest of this tool; a damaged one counts as none.
  static std::optional<Manifest> read(const std::filesystem::path& directory);
  // Throws Error(kModel).
  void write(const std::filesystem::path& directory) const;
};

}  // namespace switchyard
