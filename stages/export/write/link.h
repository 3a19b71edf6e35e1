// Puts a checkpoint's file beside a graph without copying it where the file system can.
#pragma once

#include <filesystem>
#include <string>

#include "stages/checkpoint/weights.h"

namespace switchyard {

// Makes `file` reachable under a plain name in `directory` and returns that name: the file itself
// when it lies there, else a hard link, else a reflink, else a copy; never a symbolic link, which
// ONNX Runtime refuses when it leaves the model's directory. The name is the checkpoint's own
// (WeightFile::name), or `stem` with its ending when another file bears it. `stem`: the model's file name without .onnx.
// Throws Error(kModel) when nothing of this works.
std::string link_beside(const WeightFile& file, const std::filesystem::path& directory,
                        const std::string& stem);

}  // namespace switchyard
