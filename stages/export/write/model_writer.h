// Writes a graph as an ONNX model file (opset 17, IR 8), checked by libonnx on the way.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "stages/checkpoint/weights.h"
#include "stages/export/graph/graph.h"

namespace switchyard {

struct ModelProperties {
  std::string producer_version;
  std::vector<std::pair<std::string, std::string>> metadata;
};

// Bytes of the weights that the graph reads, each stored tensor's part counted once.
std::uint64_t weight_bytes(const graph::Graph& graph);

// Each of these writes `path`, which appears only when everything is written, and returns the names
// of the files beside it that hold weights.

// Initializers point into the checkpoint's file, which is linked beside `path` (link.h). Floats
// that are stored with other than 32 bits pass through a Cast node. Throws Error(kModel).
std::vector<std::string> write_referenced(const graph::Graph& graph, const Weights& weights,
                                          const ModelProperties& properties,
                                          const std::filesystem::path& path);

// One self-contained file. The weights are copied from file to file; they never lie in a protobuf
// message. Floats that are stored with other than 32 bits are converted.
// Throws Error(kModel) above 1.8 GB, the most that protobuf's 2 GB leave safely.
std::vector<std::string> write_embedded(const graph::Graph& graph, const Weights& weights,
                                        const ModelProperties& properties,
                                        const std::filesystem::path& path);

// The weights go into one data file beside `path`, named after it and written before it
// (stages/runtime/external_data.h); copied and converted as write_embedded does, of any size.
// Throws Error(kModel).
std::vector<std::string> write_external(const graph::Graph& graph, const Weights& weights,
                                        const ModelProperties& properties,
                                        const std::filesystem::path& path);

}  // namespace switchyard
