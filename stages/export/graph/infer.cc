#include "stages/export/graph/infer.h"

#include <onnx/defs/schema.h>

#include "stages/export/graph/onnx_proto.h"
#include "stages/export/graph/shape_checks.h"
#include "stages/export/graph/shape_rules.h"

namespace switchyard::graph {
namespace {

// Hands one node to libonnx's inference functions.
class Context final : public onnx::InferenceContext {
 public:
  Context(const Graph& graph, const Node& node, std::size_t outputs)
      : types_(node.inputs.size()),
        data_(node.inputs.size()),
        symbolic_(node.inputs.size()),
        present_(node.inputs.size()),
        outputs_(outputs) {
    for (const Attribute& attribute : node.attributes)
      attributes_.emplace(attribute.name, attribute_proto(attribute));
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] == kNoTensor) continue;
      const Tensor& tensor = graph.tensors[node.inputs[i]];
      present_[i] = true;
      set_type(tensor.type, types_[i]);
      if (tensor.constant && tensor.constant->bytes.size() <= kMaxData) {
        data_[i] =
            std::make_unique<onnx::TensorProto>(constant_proto(*tensor.constant, tensor.name));
      }
      if (tensor.as_dims && !data_[i]) {
        symbolic_[i] = std::make_unique<onnx::TensorShapeProto>();
        for (const Dim& dim : *tensor.as_dims) {
          auto* entry = symbolic_[i]->add_dim();
          if (dim.known())
            entry->set_dim_value(dim.value());
          else
            entry->set_dim_param(dim.text());
        }
      }
    }
  }

  const onnx::AttributeProto* getAttribute(const std::string& name) const override {
    const auto found = attributes_.find(name);
    return found == attributes_.end() ? nullptr : &found->second;
  }
  size_t getNumInputs() const override { return types_.size(); }
  const onnx::TypeProto* getInputType(size_t i) const override {
    return i < types_.size() && present_[i] ? &types_[i] : nullptr;
  }
  const onnx::TensorProto* getInputData(size_t i) const override {
    return i < data_.size() ? data_[i].get() : nullptr;
  }
  const onnx::SparseTensorProto* getInputSparseData(size_t) const override { return nullptr; }
  const onnx::TensorShapeProto* getSymbolicInput(size_t i) const override {
    return i < symbolic_.size() ? symbolic_[i].get() : nullptr;
  }
  size_t getNumOutputs() const override { return outputs_.size(); }
  onnx::TypeProto* getOutputType(size_t i) override { return &outputs_.at(i); }
  onnx::GraphInferencer* getGraphAttributeInferencer(const std::string&) override {
    return nullptr;
  }

 private:
  // What inference functions read are shapes, axes and the like, never tables.
  static constexpr std::size_t kMaxData = 4096;

  std::map<std::string, onnx::AttributeProto> attributes_;
  std::vector<onnx::TypeProto> types_;
  std::vector<std::unique_ptr<onnx::TensorProto>> data_;
  std::vector<std::unique_ptr<onnx::TensorShapeProto>> symbolic_;
  std::vector<bool> present_;
  std::vector<onnx::TypeProto> outputs_;
};

// The element type of an output whose formal type is shared with an input.
ElemType elem_by_schema(const Graph& graph, const OpSignature& op, const Node& node,
                        std::size_t output) {
  const OpParameter& formal = op.outputs[std::min(output, op.outputs.size() - 1)];
  if (formal.allowed.size() == 1) return formal.allowed[0];
  for (std::size_t i = 0; i < node.inputs.size() && !op.inputs.empty(); ++i) {
    const OpParameter& input = op.inputs[std::min(i, op.inputs.size() - 1)];
    if (input.type == formal.type && node.inputs[i] != kNoTensor)
      return graph.tensors[node.inputs[i]].type.elem;
  }
  return ElemType::kUndefined;
}

TensorType from_proto(const onnx::TypeProto& proto, DimTable& dims) {
  TensorType type;
  if (!proto.has_tensor_type()) return type;
  type.elem = static_cast<ElemType>(proto.tensor_type().elem_type());
  if (!proto.tensor_type().has_shape()) return type;
  type.ranked = true;
  for (const auto& entry : proto.tensor_type().shape().dim()) {
    if (entry.has_dim_value()) {
      type.shape.push_back(Dim(entry.dim_value()));
    } else {
      const Dim* known = entry.has_dim_param() ? dims.find(entry.dim_param()) : nullptr;
      type.shape.push_back(known ? *known : Dim::axis("?"));
    }
  }
  return type;
}

[[noreturn]] void fail(const Graph& graph, const Node& node, const std::string& reason) {
  std::string what =
      node.op + " does not fit its operands (" + describe_operands(graph, node) + ")";
  if (!reason.empty()) what += ": " + reason;
  throw Error(ErrorKind::kModel, node.spot.place(), what,
              "Compare the recipe with the checkpoint's tensor shapes and with config.json");
}

}  // namespace

void DimTable::add(const Dim& dim) {
  if (!dim.known()) dims_.emplace(dim.text(), dim);
}

const Dim* DimTable::find(const std::string& text) const {
  const auto found = dims_.find(text);
  return found == dims_.end() ? nullptr : &found->second;
}

Dim DimTable::fresh() {
  Dim dim = Dim::axis("?" + std::to_string(++fresh_));
  add(dim);
  return dim;
}

std::string describe_operands(const Graph& graph, const Node& node) {
  std::string text;
  for (TensorId id : node.inputs) {
    if (id == kNoTensor) continue;
    if (!text.empty()) text += ", ";
    const Tensor& tensor = graph.tensors[id];
    if (tensor.source == Tensor::Source::kWeight) text += "tensor ";
    text += tensor.name + " " + tensor.type.text();
  }
  return text;
}

std::vector<TensorType> infer_types(const Graph& graph, const OpSignature& op, const Node& node,
                                    std::size_t outputs, DimTable& dims) {
  std::vector<TensorType> types(outputs);
  try {
    Context context(graph, node, outputs);
    op.schema->GetTypeAndShapeInferenceFunction()(context);
    for (std::size_t i = 0; i < outputs; ++i)
      types[i] = from_proto(*context.getOutputType(i), dims);
  } catch (const std::exception&) {
    // Libonnx's text names neither place nor tensor; the operands say what is wrong.
    fail(graph, node, check_shapes(graph, node).value_or(""));
  }
  if (const auto reason = check_shapes(graph, node)) fail(graph, node, *reason);
  sharpen(graph, node, types);
  for (std::size_t i = 0; i < outputs; ++i) {
    if (types[i].elem == ElemType::kUndefined) types[i].elem = elem_by_schema(graph, op, node, i);
    for (Dim& dim : types[i].shape) {
      if (!dim.known() && dim.text() == "?") dim = dims.fresh();
      dims.add(dim);
    }
  }
  return types;
}

}  // namespace switchyard::graph
