// The .onnx file that a command line word means.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace switchyard {

// `model` itself when it ends in .onnx, model.onnx inside when it is a directory that has one.
std::optional<std::filesystem::path> find_graph(const std::string& model);

// The same. Throws Error(kModel) when there is none.
std::filesystem::path require_graph(const std::string& model);

}  // namespace switchyard
