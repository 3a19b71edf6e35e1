#include "stages/export/write/model_writer.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <cstring>
#include <map>
#include <set>

#include "engine/output_file.h"
#include "stages/export/graph/half.h"
#include "stages/weights/file_writer.h"
#include "stages/export/write/link.h"
#include "stages/export/write/model_proto.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using graph::ElemType;
using graph::Tensor;

// Protobuf messages end at 2 GiB; the rest is room for the graph and for what later stages add.
constexpr std::uint64_t kMaxEmbedded = 1'800'000'000;

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

ElemType stored_elem(const Tensor& tensor) { return graph::elem_of(tensor.stored->dtype); }

std::uint64_t embedded_bytes(const Tensor& tensor) {
  return tensor.bytes / byte_size(tensor.stored->dtype) * graph::elem_size(tensor.type.elem);
}

template <typename T>
T load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

float to_float(const std::byte* at, Dtype dtype) {
  switch (dtype) {
    case Dtype::kF16:
      return graph::half_to_float(load<std::uint16_t>(at));
    case Dtype::kBF16:
      return graph::bfloat16_to_float(load<std::uint16_t>(at));
    case Dtype::kF64:
      return static_cast<float>(load<double>(at));
    default:
      return load<float>(at);
  }
}

void append_converted(FileWriter& file, const Tensor& tensor, std::span<const std::byte> stored) {
  constexpr std::size_t kChunk = 1 << 16;
  const std::size_t size = byte_size(tensor.stored->dtype);
  std::string chunk;
  for (std::size_t i = 0; i < stored.size(); i += size) {
    const float value = to_float(stored.data() + i, tensor.stored->dtype);
    chunk.append(reinterpret_cast<const char*>(&value), sizeof value);
    if (chunk.size() < kChunk) continue;
    file.append(chunk);
    chunk.clear();
  }
  file.append(chunk);
}

std::string serialize(const google::protobuf::MessageLite& message) {
  std::string text;
  if (!message.SerializeToString(&text))
    throw Error(ErrorKind::kModel, {}, "the graph is too large for one ONNX file");
  return text;
}

// Checks a copy in which one byte stands for each weight.
void check(onnx::ModelProto model, const graph::Graph& graph) {
  for (const Tensor* tensor : used_weights(graph)) {
    onnx::TensorProto& proto = *model.mutable_graph()->add_initializer();
    proto = weight_proto(*tensor, tensor->type.elem);
    proto.set_raw_data(std::string(1, '\0'));
  }
  check_without_weights(model, graph);
}

}  // namespace

std::uint64_t weight_bytes(const graph::Graph& graph) {
  std::uint64_t total = 0;
  for (const Tensor* tensor : used_weights(graph)) total += embedded_bytes(*tensor);
  return total;
}

void write_embedded(const graph::Graph& graph, const Weights& weights,
                    const ModelProperties& properties, const fs::path& path) {
  const std::uint64_t total = weight_bytes(graph);
  if (total > kMaxEmbedded) {
    throw Error(ErrorKind::kModel, {path.string()},
                "the weights are " + std::to_string(total / 1'000'000) +
                    " MB, more than one ONNX file can hold (1.8 GB)",
                "Export with --weights reference, or with external weights");
  }
  onnx::ModelProto model = model_without_weights(graph, properties);
  check(model, graph);
  const std::string graph_bytes = serialize(model.graph());
  model.clear_graph();
  const std::string model_bytes = serialize(model);
  const std::vector<const Tensor*> tensors = used_weights(graph);
  // An initializer is its own fields, the head of raw_data, and the bytes.
  std::vector<std::string> heads;
  std::uint64_t graph_size = graph_bytes.size();
  for (const Tensor* tensor : tensors) {
    const std::uint64_t bytes = embedded_bytes(*tensor);
    std::string fields =
        serialize(weight_proto(*tensor, tensor->type.elem)) + tag_and_length(kTensorRawData, bytes);
    heads.push_back(tag_and_length(kGraphInitializer, fields.size() + bytes) + fields);
    graph_size += heads.back().size() + bytes;
  }
  write_beside(path, [&](const fs::path& draft) {
    FileWriter file(draft);
    file.append(model_bytes);
    file.append(tag_and_length(kModelGraph, graph_size));
    file.append(graph_bytes);
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      const Tensor& tensor = *tensors[i];
      file.append(heads[i]);
      if (stored_elem(tensor) == tensor.type.elem) {
        file.append_file(weights.files()[tensor.stored->file].path, tensor.offset, tensor.bytes);
      } else {
        append_converted(file, tensor,
                         weights.data(*tensor.stored)
                             .subspan(tensor.offset - tensor.stored->offset, tensor.bytes));
      }
    }
    file.close();
  });
}

void write_referenced(const graph::Graph& graph, const Weights& weights,
                      const ModelProperties& properties, const fs::path& path) {
  onnx::ModelProto model = model_without_weights(graph, properties);
  check(model, graph);
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
    proto.set_data_location(onnx::TensorProto::EXTERNAL);
    const std::pair<const char*, std::string> entries[] = {
        {"location", links[file]},
        {"offset", std::to_string(tensor->offset)},
        {"length", std::to_string(tensor->bytes)}};
    for (const auto& [key, value] : entries) {
      auto* entry = proto.add_external_data();
      entry->set_key(key);
      entry->set_value(value);
    }
    if (stored_elem(*tensor) == tensor->type.elem) continue;
    proto.set_name(tensor->name + "/stored");
    onnx::NodeProto cast;
    cast.set_op_type("Cast");
    cast.set_name("/weights/" + tensor->name + "/Cast");
    cast.add_input(proto.name());
    cast.add_output(tensor->name);
    auto* to = cast.add_attribute();
    to->set_name("to");
    to->set_type(onnx::AttributeProto::INT);
    to->set_i(static_cast<int>(tensor->type.elem));
    casts.push_back(std::move(cast));
  }
  if (!casts.empty()) {
    auto* nodes = model.mutable_graph()->mutable_node();
    const int own = nodes->size();
    for (onnx::NodeProto& cast : casts) *nodes->Add() = std::move(cast);
    // Nodes stand in topological order: the casts first.
    for (int i = 0; i < static_cast<int>(casts.size()); ++i) {
      for (int k = own + i; k > i; --k) nodes->SwapElements(k, k - 1);
    }
  }
  write_beside(path, [&](const fs::path& draft) {
    FileWriter file(draft);
    file.append(serialize(model));
    file.close();
  });
}

}  // namespace switchyard
