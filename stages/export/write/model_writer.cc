#include "stages/export/write/model_writer.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <map>

#include "stages/export/write/link.h"
#include "stages/export/write/model_proto.h"
#include "stages/export/write/weight_bytes.h"
#include "stages/runtime/external_data.h"
#include "engine/file_writer.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using graph::Tensor;

// Field numbers of onnx.proto, fixed by the format.
constexpr std::uint32_t kModelGraph = 7;
constexpr std::uint32_t kGraphInitializer = 5;
constexpr std::uint32_t kTensorRawData = 9;

std::string tag_and_length(std::uint32_t field, std::uint64_t length) {
  std::string text;
  google::protobuf::io::StringOutputStream stream(&text);
  {
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.WriteVarint32(field << 3 | 2);
    coded.WriteVarint64(length);
  }
  return text;
}

std::string serialize(const google::protobuf::MessageLite& message) {
  std::string text;
  if (!message.SerializeToString(&text))
    throw Error(ErrorKind::kModel, {}, "the graph is too large for one ONNX file");
  return text;
}

void write_text(const fs::path& file, std::string_view text) {
  FileWriter writer(file);
  writer.append(text);
  writer.close();
}

// Floats that are stored with other than 32 bits go through these.
onnx::NodeProto cast_node(const Tensor& tensor, const std::string& stored) {
  onnx::NodeProto cast;
  cast.set_op_type("Cast");
  cast.set_name("/weights/" + tensor.name + "/Cast");
  cast.add_input(stored);
  cast.add_output(tensor.name);
  auto* to = cast.add_attribute();
  to->set_name("to");
  to->set_type(onnx::AttributeProto::INT);
  to->set_i(static_cast<int>(tensor.type.elem));
  return cast;
}

// Nodes stand in topological order: these before all others.
void prepend(std::vector<onnx::NodeProto> first, onnx::GraphProto& graph) {
  google::protobuf::RepeatedPtrField<onnx::NodeProto> nodes;
  for (onnx::NodeProto& node : first) *nodes.Add() = std::move(node);
  for (onnx::NodeProto& node : *graph.mutable_node()) *nodes.Add() = std::move(node);
  graph.mutable_node()->Swap(&nodes);
}

}  // namespace

std::uint64_t weight_bytes(const graph::Graph& graph) {
  std::uint64_t total = 0;
  for (const Tensor* tensor : used_weights(graph)) total += model_bytes(*tensor);
  return total;
}

std::vector<std::string> write_embedded(const graph::Graph& graph, const Weights& weights,
                                        const ModelProperties& properties, const fs::path& path) {
  const std::uint64_t total = weight_bytes(graph);
  if (total > kMostInside) {
    throw Error(ErrorKind::kModel, {path.string()},
                "the weights are " + std::to_string(total / 1'000'000) +
                    " MB, more than one ONNX file can hold (1.8 GB)",
                "Export with --weights reference, or --weights external");
  }
  onnx::ModelProto model = model_without_weights(graph, properties);
  check_without_weights(model, graph);
  const std::string graph_bytes = serialize(model.graph());
  model.clear_graph();
  const std::string frame_bytes = serialize(model);
  const std::vector<const Tensor*> tensors = used_weights(graph);
  // An initializer is its own fields, the head of raw_data, and the bytes.
  std::vector<std::string> heads;
  std::uint64_t graph_size = graph_bytes.size();
  for (const Tensor* tensor : tensors) {
    const std::uint64_t bytes = model_bytes(*tensor);
    std::string fields =
        serialize(weight_proto(*tensor, tensor->type.elem)) + tag_and_length(kTensorRawData, bytes);
    heads.push_back(tag_and_length(kGraphInitializer, fields.size() + bytes) + fields);
    graph_size += heads.back().size() + bytes;
  }
  write_without_data(path, {}, [&](const fs::path& draft) {
    FileWriter file(draft);
    file.append(frame_bytes);
    file.append(tag_and_length(kModelGraph, graph_size));
    file.append(graph_bytes);
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      file.append(heads[i]);
      append_weight(file, weights, *tensors[i]);
    }
    file.close();
  });
  return {};
}

std::vector<std::string> write_referenced(const graph::Graph& graph, const Weights& weights,
                                          const ModelProperties& properties, const fs::path& path) {
  onnx::ModelProto model = model_without_weights(graph, properties);
  check_without_weights(model, graph);
  const fs::path directory = path.parent_path().empty() ? fs::path(".") : path.parent_path();
  std::map<std::size_t, std::string> links;
  std::vector<onnx::NodeProto> casts;
  for (const Tensor* tensor : used_weights(graph)) {
    const std::size_t file = tensor->stored->file;
    if (!links.contains(file)) {
      std::string stem = path.stem().string();
      if (weights.files().size() > 1) stem += "-" + std::to_string(file + 1);
      links[file] = link_beside(weights.files()[file], directory, stem);
    }
    onnx::TensorProto& proto = *model.mutable_graph()->add_initializer();
    proto = weight_proto(*tensor, stored_elem(*tensor));
    set_external(proto, links[file], tensor->offset, tensor->bytes);
    if (stored_elem(*tensor) == tensor->type.elem) continue;
    proto.set_name(tensor->name + "/stored");
    casts.push_back(cast_node(*tensor, proto.name()));
  }
  prepend(std::move(casts), *model.mutable_graph());
  std::vector<std::string> data = data_files(model);
  write_without_data(path, data,
                     [&](const fs::path& draft) { write_text(draft, serialize(model)); });
  return data;
}

std::vector<std::string> write_external(const graph::Graph& graph, const Weights& weights,
                                        const ModelProperties& properties, const fs::path& path) {
  onnx::ModelProto model = model_without_weights(graph, properties);
  check_without_weights(model, graph);
  const std::vector<const Tensor*> tensors = used_weights(graph);
  std::uint64_t end = 0;
  for (const Tensor* tensor : tensors) {
    const std::uint64_t bytes = model_bytes(*tensor);
    const std::uint64_t offset = aligned_offset(end, bytes);
    onnx::TensorProto& proto = *model.mutable_graph()->add_initializer();
    proto = weight_proto(*tensor, tensor->type.elem);
    set_external(proto, data_file_name(path), offset, bytes);
    end = offset + bytes;
  }
  const auto write_data = [&](const fs::path& draft) {
    FileWriter file(draft);
    std::uint64_t at = 0;
    for (const Tensor* tensor : tensors) {
      const std::uint64_t bytes = model_bytes(*tensor);
      const std::uint64_t offset = aligned_offset(at, bytes);
      file.append_zeros(offset - at);
      append_weight(file, weights, *tensor);
      at = offset + bytes;
    }
    file.close();
  };
  write_with_data(path, write_data,
                  [&](const fs::path& draft) { write_text(draft, serialize(model)); });
  return {data_file_name(path)};
}

}  // namespace switchyard
