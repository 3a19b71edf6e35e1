// One weight file, mapped and validated: what every format's reader hands over.
#pragma once

#include <filesystem>
#include <vector>

#include "stages/checkpoint/mapped_file.h"
#include "stages/checkpoint/weights.h"

namespace switchyard {

struct OpenedFile {
  WeightFile file;
  MappedFile mapping;
  // In any order, names unique, every one within the mapping; `file` is not set yet.
  std::vector<StoredTensor> tensors;
};

// `path` without symlinks. Throws Error(kModel) when it can't be followed.
std::filesystem::path canonical_path(const std::filesystem::path& path);

}  // namespace switchyard
