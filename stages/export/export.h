// Export: a checkpoint and a graph recipe become an ONNX model (opset 17, IR 8).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "stages/checkpoint/checkpoint.h"
#include "stages/export/build_graph.h"
#include "stages/resolve/resolve.h"

namespace switchyard {

enum class WeightMode {
  kAuto,       // embed below 100 MiB of weights, reference above
  kReference,  // initializers point into the checkpoint's own file, linked beside the graph
  kEmbed,      // everything in one .onnx file; an error above 1.8 GB
};

struct ExportOptions {
  WeightMode weights = WeightMode::kAuto;
  bool overwrite = false;
};

struct ExportReport {
  std::filesystem::path model;              // the .onnx file written
  WeightMode weights = WeightMode::kEmbed;  // as done
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
  std::size_t nodes = 0;
  std::vector<std::string> ignored;  // "num_batches_tracked: rule weights/idle-buffers"
  std::vector<std::string> notes;    // "height and width are fixed to 224: ..."
  std::vector<std::string> warnings;
};

// Writes `output` (a .onnx path), beside first and then renamed.
// Throws Error(kModel): no recipe, tensor missing / of the wrong shape / unused, unwritable output;
// Error(kUsage) with recipe file:line:column: a wrong recipe.
ExportReport export_model(const RuleBook& rules, const ModelSource& source,
                          const Resolution& resolution, const std::filesystem::path& output,
                          const ExportOptions& options);

// What building the graph of a resolved model takes. Throws Error(kModel) when there is no recipe.
GraphRequest graph_request(const ModelSource& source, const Resolution& resolution);

}  // namespace switchyard
