// What a stage reads, as one digest: when it is the same, the stage need not run again.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "engine/value.h"
#include "engine/digest.h"
#include "stages/checkpoint/weights.h"

namespace switchyard {

// SHA-256 over (name, value) pairs, each with its length, so that no two lists run together.
class StageKey {
 public:
  StageKey(std::string_view stage, std::string_view tool_version);

  void add(std::string_view name, std::string_view value);
  void add_value(std::string_view name, const Value& value);

  // Hex. The object is spent afterwards.
  std::string hex() { return digest_.hex(); }

 private:
  void add_piece(std::string_view text);

  Sha256 digest_;
};

enum class WeightDigest {
  kHeader,  // header digest, size, modification time and inode: reads no weight byte
  kFull,    // content: survives a copy of the checkpoint, and costs reading it
};

// What identifies a weight file in a key. Throws Error(kModel) when it can't be read.
std::string weight_identity(const WeightFile& file, WeightDigest how);

// What identifies a data file that a stage wrote or linked: size, modification time and inode.
// Throws Error(kModel) when it can't be read.
std::string file_identity(const std::filesystem::path& file);

// What identifies calibration data: names, sizes and modification times of everything below
// `path`, or of the one file. Throws Error(kModel) when it is not there.
std::string data_identity(const std::filesystem::path& path);

}  // namespace switchyard
