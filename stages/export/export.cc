#include "stages/export/export.h"

#include "stages/export/export_graph.h"
#include "stages/export/write/model_writer.h"
#include "stages/weights/open_weights.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

// Below this one file is handier; above, copying the weights is what an export would spend its time
// on.
constexpr std::uint64_t kEmbedBelow = std::uint64_t{100} << 20;

TensorSpec spec_of(const graph::Graph& graph, const std::string& name, graph::TensorId id) {
  const graph::TensorType& type = graph.tensors[static_cast<std::size_t>(id)].type;
  TensorSpec spec;
  spec.name = name;
  spec.dtype = elem_name(type.elem);
  spec.dims_known = type.ranked;
  for (const graph::Dim& dim : type.shape) {
    if (dim.known()) {
      spec.dims.emplace_back(dim.value());
    } else {
      const std::string text = dim.text();
      spec.dims.push_back(text.find('?') == std::string::npos ? Value(text) : Value());
    }
  }
  return spec;
}

ModelProperties properties_of(const GraphRequest& request, const Weights& weights) {
  ModelProperties properties;
  properties.producer_version = SWITCHYARD_VERSION;
  properties.metadata = {{"switchyard.recipe", request.recipe}, {"switchyard.task", request.task}};
  List files;
  for (const WeightFile& file : weights.files()) {
    files.push_back(
        Value(Map{{"size", Value(file.size)}, {"header_sha256", Value(file.header_digest)}}));
  }
  properties.metadata.emplace_back("switchyard.weights", Value(std::move(files)).to_json());
  return properties;
}

}  // namespace

ExportReport export_graph(const RuleBook& rules, const GraphRequest& request,
                          const Weights& weights, const fs::path& output,
                          const ExportOptions& options) {
  std::error_code error;
  if (fs::exists(output, error) && !options.overwrite) {
    throw Error(ErrorKind::kUsage, {output.string()}, "exists already",
                "Give --overwrite to replace it");
  }
  const fs::path directory = output.parent_path().empty() ? fs::path(".") : output.parent_path();
  fs::create_directories(directory, error);
  if (!fs::is_directory(directory, error)) {
    throw Error(ErrorKind::kModel, {directory.string()}, "the output directory can't be made",
                "Choose a directory you may write to");
  }
  const BuiltGraph built = build_graph(rules, request, weights);
  ExportReport report;
  report.model = output;
  report.weights = options.weights;
  if (report.weights == WeightMode::kAuto) {
    report.weights =
        weight_bytes(built.graph) < kEmbedBelow ? WeightMode::kEmbed : WeightMode::kReference;
  }
  const ModelProperties properties = properties_of(request, weights);
  const auto write = report.weights == WeightMode::kEmbed      ? write_embedded
                     : report.weights == WeightMode::kExternal ? write_external
                                                               : write_referenced;
  report.data = write(built.graph, weights, properties, output);
  for (graph::TensorId id : built.graph.inputs) {
    report.inputs.push_back(
        spec_of(built.graph, built.graph.tensors[static_cast<std::size_t>(id)].name, id));
  }
  for (const graph::Output& out : built.graph.outputs)
    report.outputs.push_back(spec_of(built.graph, out.name, out.tensor));
  report.nodes = built.graph.nodes.size();
  report.ignored = built.ignored;
  report.notes = built.notes;
  report.warnings = built.warnings;
  return report;
}

GraphRequest graph_request(const ModelSource& source, const Resolution& resolution) {
  if (!resolution.recipe) {
    const Value* architecture = source.config.find("architecture");
    const bool named = architecture != nullptr && architecture->is_string();
    throw Error(ErrorKind::kModel, {source.config_file.string()},
                "there is no graph recipe for model type '" + resolution.model_type + "'" +
                    (named ? ", architecture '" + architecture->as_string() + "'," : "") +
                    " and task '" + resolution.task + "'",
                "Add a recipe in an overlay directory (--rules DIR; docs/recipes.md), and a row of the "
                "decision exporter where the recipe bears another name than the model type");
  }
  GraphRequest request;
  request.recipe = *resolution.recipe;
  request.task = resolution.optimum_task;
  request.shown_task = resolution.task;
  request.config = resolution.config.is_null() ? source.config : resolution.config;
  request.expected_inputs = resolution.inputs;
  request.axes = resolution.axes;
  request.part = resolution.part;
  request.options = resolution.options;
  return request;
}

ExportReport export_model(const RuleBook& rules, const ModelSource& source,
                          const Resolution& resolution, const fs::path& output,
                          const ExportOptions& options) {
  const GraphRequest request = graph_request(source, resolution);
  return export_graph(rules, request, open_weights(rules, source), output, options);
}

}  // namespace switchyard
