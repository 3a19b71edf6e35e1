// ONNX files in and out, for the stages that rewrite graphs.
#pragma once

#include <filesystem>
#include <functional>

namespace onnx {
class ModelProto;
}

namespace switchyard {

// Parses the file; external data is not touched, its references stay as they are written.
// Throws Error(kModel): unreadable, cut short, not an ONNX model.
void read_model(const std::filesystem::path& file, onnx::ModelProto& model);

// Calls `write` with a name beside `file`, then renames: `file` is whole or as it was. Whatever
// `write` throws passes through after the half file is gone. Throws Error(kModel) on input/output.
void write_beside(const std::filesystem::path& file,
                  const std::function<void(const std::filesystem::path&)>& write);

// write_beside of the serialized model. Throws Error(kModel), also when it would pass 2 GB, which
// no ONNX file may.
void write_model(const onnx::ModelProto& model, const std::filesystem::path& file);

}  // namespace switchyard
