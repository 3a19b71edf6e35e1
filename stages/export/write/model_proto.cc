#include "stages/export/write/model_proto.h"

#include <onnx/checker.h>
#include <onnx/shape_inference/implementation.h>

#include <set>

#include "stages/export/graph/onnx_proto.h"
#include "stages/export/graph/op_schema.h"
#include "stages/export/graph/prune.h"
#include "stages/export/graph/schema_registry.h"

namespace switchyard {
namespace {

// Made-up dims stay anonymous; expressions and axis names are shown.
void set_io(const graph::Tensor& tensor, onnx::ValueInfoProto& info) {
  info.set_name(tensor.name);
  auto* type = info.mutable_type()->mutable_tensor_type();
  type->set_elem_type(static_cast<int>(tensor.type.elem));
  if (!tensor.type.ranked) return;
  auto* shape = type->mutable_shape();
  for (const graph::Dim& dim : tensor.type.shape) {
    auto* entry = shape->add_dim();
    if (dim.known()) {
      entry->set_dim_value(dim.value());
    } else if (dim.text().find('?') == std::string::npos) {
      entry->set_dim_param(dim.text());
    }
  }
}

// The scopes of all nodes, sorted, one a line: IR 8 has no place for them at the nodes.
std::string hierarchy(const graph::Graph& graph) {
  std::set<std::string> scopes;
  for (const graph::Node& node : graph.nodes)
    scopes.insert(node.name.substr(0, node.name.rfind('/')));
  std::string text;
  for (const std::string& scope : scopes) {
    if (!scope.empty()) text += scope + "\n";
  }
  return text;
}

}  // namespace

std::vector<const graph::Tensor*> used_weights(const graph::Graph& graph) {
  const std::vector<bool> read = graph::read_tensors(graph);
  std::vector<const graph::Tensor*> result;
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    if (read[i] && graph.tensors[i].source == graph::Tensor::Source::kWeight)
      result.push_back(&graph.tensors[i]);
  }
  return result;
}

onnx::TensorProto weight_proto(const graph::Tensor& tensor, graph::ElemType elem) {
  onnx::TensorProto proto;
  proto.set_name(tensor.name);
  proto.set_data_type(static_cast<int>(elem));
  for (const graph::Dim& dim : tensor.type.shape) proto.add_dims(dim.value());
  return proto;
}

onnx::ModelProto model_without_weights(const graph::Graph& graph,
                                       const ModelProperties& properties) {
  onnx::ModelProto model;
  model.set_ir_version(graph::kIrVersion);
  model.set_producer_name("switchyard");
  model.set_producer_version(properties.producer_version);
  model.add_opset_import()->set_version(graph::kOpset);
  auto add_property = [&](const std::string& key, const std::string& value) {
    auto* entry = model.add_metadata_props();
    entry->set_key(key);
    entry->set_value(value);
  };
  for (const auto& [key, value] : properties.metadata) add_property(key, value);
  add_property("switchyard.hierarchy", hierarchy(graph));
  onnx::GraphProto& proto = *model.mutable_graph();
  proto.set_name(graph.name);
  for (const graph::Node& node : graph.nodes) *proto.add_node() = graph::node_proto(graph, node);
  const std::vector<bool> read = graph::read_tensors(graph);
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    const graph::Tensor& tensor = graph.tensors[i];
    if (read[i] && tensor.source == graph::Tensor::Source::kConstant) {
      *proto.add_initializer() = graph::constant_proto(*tensor.constant, tensor.name);
    }
  }
  for (graph::TensorId id : graph.inputs)
    set_io(graph.tensors[static_cast<std::size_t>(id)], *proto.add_input());
  for (const graph::Output& output : graph.outputs)
    set_io(graph.tensors[static_cast<std::size_t>(output.tensor)], *proto.add_output());
  return model;
}

std::string clean_reason(const std::string& text) {
  std::string line = text.substr(0, text.find("\n"));
  for (const char* tag : {"[ShapeInferenceError] ", "[TypeInferenceError] "}) {
    for (std::size_t at; (at = line.find(tag)) != std::string::npos;)
      line.erase(at, std::string_view(tag).size());
  }
  while (!line.empty() && (line.back() == '.' || line.back() == ' ')) line.pop_back();
  return line;
}

void check_without_weights(onnx::ModelProto model, const graph::Graph& graph) {
  for (const graph::Tensor* tensor : used_weights(graph)) {
    onnx::TensorProto& proto = *model.mutable_graph()->add_initializer();
    proto = weight_proto(*tensor, tensor->type.elem);
    proto.set_raw_data(std::string(1, '\0'));
  }
  const auto refuse = [&](const char* part, const std::exception& error) {
    throw Error(ErrorKind::kModel, {},
                "the graph built by recipe '" + graph.name + "' is not valid ONNX (" + part +
                    "): " + clean_reason(error.what()),
                "Correct the recipe at the node that is named");
  };
  try {
    onnx::checker::CheckerContext context;
    context.set_ir_version(graph::kIrVersion);
    context.set_opset_imports({{"", graph::kOpset}});
    context.set_schema_registry(&graph::schema_registry());
    onnx::checker::check_graph(model.graph(), context, onnx::checker::LexicalScopeContext());
  } catch (const std::exception& error) {
    refuse("checker", error);
  }
  try {
    onnx::shape_inference::InferShapes(model, &graph::schema_registry(),
                                       onnx::ShapeInferenceOptions(true, 1, true));
  } catch (const std::exception& error) {
    refuse("shape inference", error);
  }
}

}  // namespace switchyard
