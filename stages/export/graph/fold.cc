#include "stages/export/graph/fold.h"

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include "stages/export/graph/onnx_proto.h"
#include "stages/export/graph/op_schema.h"
#include "stages/export/graph/prune.h"
#include "stages/runtime/session.h"

namespace switchyard::graph {
namespace {

constexpr std::int64_t kMaxElements = 16'000'000;

Tensor& at(Graph& graph, TensorId id) { return graph.tensors[static_cast<std::size_t>(id)]; }

bool too_large(const Tensor& tensor) {
  const auto shape = tensor.type.known_shape();
  if (!shape) return false;
  std::int64_t elements = 1;
  for (std::int64_t dim : *shape) {
    if (__builtin_mul_overflow(elements, dim, &elements)) return true;
  }
  return elements > kMaxElements;
}

// The constant results that something else reads.
std::vector<TensorId> boundary(Graph& graph) {
  std::set<TensorId> found;
  const auto is_folded = [&](TensorId id) {
    return id != kNoTensor && at(graph, id).source == Tensor::Source::kNode &&
           at(graph, id).foldable;
  };
  for (const Node& node : graph.nodes) {
    const bool node_folds = !node.outputs.empty() && is_folded(node.outputs[0]);
    for (TensorId id : node.inputs) {
      if (!node_folds && is_folded(id)) found.insert(id);
    }
  }
  for (const Output& output : graph.outputs) {
    if (is_folded(output.tensor)) found.insert(output.tensor);
  }
  return {found.begin(), found.end()};
}

onnx::ModelProto constant_model(Graph& graph, const std::vector<TensorId>& results) {
  std::set<TensorId> wanted(results.begin(), results.end());
  std::vector<const Node*> nodes;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    bool needed = false;
    for (TensorId id : node->outputs) needed = needed || wanted.contains(id);
    if (!needed) continue;
    nodes.push_back(&*node);
    for (TensorId id : node->inputs) wanted.insert(id);
  }
  onnx::ModelProto model;
  model.set_ir_version(kIrVersion);
  model.add_opset_import()->set_version(kOpset);
  onnx::GraphProto& proto = *model.mutable_graph();
  proto.set_name("constants");
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node)
    *proto.add_node() = node_proto(graph, **node);
  for (TensorId id : wanted) {
    if (id != kNoTensor && at(graph, id).constant)
      *proto.add_initializer() = constant_proto(*at(graph, id).constant, at(graph, id).name);
  }
  for (TensorId id : results) {
    auto* output = proto.add_output();
    output->set_name(at(graph, id).name);
    output->mutable_type()->mutable_tensor_type()->set_elem_type(
        static_cast<int>(at(graph, id).type.elem));
  }
  return model;
}

class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content) {
    std::string name = (std::filesystem::temp_directory_path() / "switchyard-XXXXXX").string();
    const int file = mkstemp(name.data());
    if (file < 0)
      throw Error(ErrorKind::kModel, {name}, "a temporary file can't be made",
                  "Set TMPDIR to a writable directory");
    path_ = name;
    const auto written = write(file, content.data(), content.size());
    close(file);
    if (written != static_cast<ssize_t>(content.size()))
      throw Error(ErrorKind::kModel, {name}, "a temporary file can't be written",
                  "Is the disk full");
  }
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

NamedTensors evaluate(const onnx::ModelProto& model) {
  const TemporaryFile file(model.SerializeAsString());
  try {
    return Session(file.path(), {.threads = 1, .optimization_level = 0}).run({});
  } catch (const Error& error) {
    throw Error(error.kind(), {},
                "the constants of the graph can't be evaluated: " + error.message(), error.mend());
  }
}

}  // namespace

void fold_constants(Graph& graph) {
  for (Tensor& tensor : graph.tensors) {
    if (tensor.foldable && too_large(tensor)) tensor.foldable = false;
  }
  // What reads a result that stays a node is no constant any more.
  for (const Node& node : graph.nodes) {
    for (TensorId id : node.inputs) {
      if (id == kNoTensor || at(graph, id).constant || at(graph, id).foldable) continue;
      for (TensorId output : node.outputs) at(graph, output).foldable = false;
    }
  }
  const std::vector<TensorId> results = boundary(graph);
  if (results.empty()) return;
  const NamedTensors values = evaluate(constant_model(graph, results));
  for (TensorId id : results) {
    Tensor& tensor = at(graph, id);
    const switchyard::Tensor& value = values.at(tensor.name);
    Constant constant;
    constant.elem = tensor.type.elem;
    constant.shape = value.shape;
    constant.bytes.assign(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
    tensor.source = Tensor::Source::kConstant;
    tensor.constant = std::make_shared<const Constant>(std::move(constant));
    tensor.foldable = false;
    tensor.type.shape.clear();
    for (std::int64_t dim : value.shape) tensor.type.shape.push_back(Dim(dim));
  }
  std::vector<bool> constant(graph.tensors.size());
  for (std::size_t i = 0; i < graph.tensors.size(); ++i)
    constant[i] = graph.tensors[i].constant != nullptr;
  std::erase_if(graph.nodes, [&](const Node& node) {
    for (TensorId id : node.outputs) {
      if (id != kNoTensor && constant[static_cast<std::size_t>(id)]) return true;
    }
    return false;
  });
  prune(graph);
}

}  // namespace switchyard::graph
