#include "stages/quantize/graph_index.h"

#include <algorithm>
#include <utility>

namespace switchyard {

GraphIndex::GraphIndex(const onnx::GraphProto& graph) : graph_(graph) {
  for (const auto& tensor : graph.initializer()) initializers_.emplace(tensor.name(), &tensor);
  for (const auto& info : graph.input()) inputs_.insert(info.name());
  for (const auto& info : graph.output()) outputs_.insert(info.name());
  for (int i = 0; i < graph.node_size(); ++i) {
    const auto& node = graph.node(i);
    for (const auto& name : node.output()) producers_.emplace(name, i);
    for (int slot = 0; slot < node.input_size(); ++slot) {
      if (!node.input(slot).empty()) uses_[node.input(slot)].push_back({i, slot});
    }
    for (const auto& attribute : node.attribute()) {
      if (attribute.has_g()) capture(attribute.g());
      for (const auto& inner : attribute.graphs()) capture(inner);
    }
  }
}

// Names of the inner graph's own are captured too: harmless, the answer only makes us careful.
void GraphIndex::capture(const onnx::GraphProto& inner) {
  for (const auto& info : inner.output()) captured_.insert(info.name());
  for (const auto& node : inner.node()) {
    captured_.insert(node.input().begin(), node.input().end());
    for (const auto& attribute : node.attribute()) {
      if (attribute.has_g()) capture(attribute.g());
      for (const auto& deeper : attribute.graphs()) capture(deeper);
    }
  }
}

const onnx::TensorProto* GraphIndex::initializer(const std::string& name) const {
  const auto found = initializers_.find(is_widened(name) ? node(producer(name)).input(0) : name);
  return found == initializers_.end() ? nullptr : found->second;
}

bool GraphIndex::is_widened(const std::string& name) const {
  const int maker = producer(name);
  if (maker < 0) return false;
  const onnx::NodeProto& cast = node(maker);
  if (cast.op_type() != "Cast" || !cast.domain().empty() || cast.input_size() != 1) return false;
  const auto* to = find_attribute(cast, "to");
  const auto stored = initializers_.find(cast.input(0));
  return to && to->i() == onnx::TensorProto::FLOAT && stored != initializers_.end() &&
         (stored->second->data_type() == onnx::TensorProto::FLOAT16 ||
          stored->second->data_type() == onnx::TensorProto::BFLOAT16);
}

int GraphIndex::producer(const std::string& tensor) const {
  const auto found = producers_.find(tensor);
  return found == producers_.end() ? -1 : found->second;
}

const std::vector<Use>& GraphIndex::uses(const std::string& tensor) const {
  static const std::vector<Use> kNone;
  const auto found = uses_.find(tensor);
  return found == uses_.end() ? kNone : found->second;
}

bool GraphIndex::is_name(const std::string& name) const {
  return inputs_.contains(name) || initializers_.contains(name) || producers_.contains(name) ||
         captured_.contains(name);
}

const onnx::AttributeProto* find_attribute(const onnx::NodeProto& node, std::string_view name) {
  for (const auto& attribute : node.attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

namespace {

template <typename T>
void store(onnx::TensorProto& tensor, int type, const T* values, int count, bool is_list) {
  tensor.set_data_type(type);
  if (is_list) tensor.add_dims(count);
  tensor.set_raw_data(values, count * sizeof(T));
}

// False for strings and sparse tensors, which no operator quantized here reads.
bool read_constant(const onnx::NodeProto& node, onnx::TensorProto& tensor) {
  if (node.op_type() != "Constant" || !node.domain().empty() || node.attribute_size() != 1) {
    return false;
  }
  const auto& value = node.attribute(0);
  if (value.name() == "value" && value.has_t()) {
    tensor = value.t();
  } else if (value.name() == "value_float") {
    const float f = value.f();
    store(tensor, onnx::TensorProto::FLOAT, &f, 1, false);
  } else if (value.name() == "value_int") {
    const std::int64_t i = value.i();
    store(tensor, onnx::TensorProto::INT64, &i, 1, false);
  } else if (value.name() == "value_floats") {
    store(tensor, onnx::TensorProto::FLOAT, value.floats().data(), value.floats_size(), true);
  } else if (value.name() == "value_ints") {
    store(tensor, onnx::TensorProto::INT64, value.ints().data(), value.ints_size(), true);
  } else {
    return false;
  }
  tensor.set_name(node.output(0));
  return true;
}

}  // namespace

void lift_constants(onnx::GraphProto& graph) {
  auto* nodes = graph.mutable_node();
  const auto lifted = [&](const onnx::NodeProto& node) {
    onnx::TensorProto tensor;
    if (!read_constant(node, tensor)) return false;
    *graph.add_initializer() = std::move(tensor);
    return true;
  };
  nodes->erase(std::remove_if(nodes->begin(), nodes->end(), lifted), nodes->end());
}

}  // namespace switchyard
