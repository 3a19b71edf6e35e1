#include "tools/switchyard/commands/graph_file.h"

#include <system_error>

#include "engine/error.h"

namespace switchyard {

std::optional<std::filesystem::path> find_graph(const std::string& model) {
  if (model.ends_with(".onnx")) return model;
  const std::filesystem::path inside = std::filesystem::path(model) / "model.onnx";
  std::error_code ignored;
  if (std::filesystem::is_regular_file(inside, ignored)) return inside;
  return std::nullopt;
}

std::filesystem::path require_graph(const std::string& model) {
  const auto graph = find_graph(model);
  std::error_code ignored;
  if (graph && std::filesystem::is_regular_file(*graph, ignored)) return *graph;
  throw Error(ErrorKind::kModel, {model}, "there is no ONNX model here",
              "Give an .onnx file, or a directory with a model.onnx; 'switchyard export' makes one "
              "from a checkpoint");
}

}  // namespace switchyard
