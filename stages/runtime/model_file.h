// ONNX files in and out, for the stages that rewrite graphs.
#pragma once

#include <filesystem>

namespace onnx {
class ModelProto;
}

namespace switchyard {

// Parses the file; external data is not touched, its references stay as they are written.
// Throws Error(kModel): unreadable, cut short, not an ONNX model.
void read_model(const std::filesystem::path& file, onnx::ModelProto& model);

// The file appears whole or not at all. Throws Error(kModel), also when it would pass 2 GB, which
// no ONNX file may.
void write_model(const onnx::ModelProto& model, const std::filesystem::path& file);

}  // namespace switchyard
