#include "stages/export/graph/onnx_proto.h"

namespace switchyard::graph {

void set_type(const TensorType& type, onnx::TypeProto& proto) {
  auto* tensor = proto.mutable_tensor_type();
  tensor->set_elem_type(static_cast<int>(type.elem));
  if (!type.ranked) return;
  auto* shape = tensor->mutable_shape();
  for (const Dim& dim : type.shape) {
    auto* entry = shape->add_dim();
    if (dim.known()) {
      entry->set_dim_value(dim.value());
    } else {
      entry->set_dim_param(dim.text());
    }
  }
}

onnx::TensorProto constant_proto(const Constant& constant, const std::string& name) {
  onnx::TensorProto proto;
  proto.set_data_type(static_cast<int>(constant.elem));
  for (std::int64_t dim : constant.shape) proto.add_dims(dim);
  if (!name.empty()) proto.set_name(name);
  proto.set_raw_data(constant.bytes);
  return proto;
}

onnx::AttributeProto attribute_proto(const Attribute& attribute) {
  struct Setter {
    onnx::AttributeProto& proto;
    void operator()(std::int64_t v) const {
      proto.set_type(onnx::AttributeProto::INT);
      proto.set_i(v);
    }
    void operator()(double v) const {
      proto.set_type(onnx::AttributeProto::FLOAT);
      proto.set_f(static_cast<float>(v));
    }
    void operator()(const std::string& v) const {
      proto.set_type(onnx::AttributeProto::STRING);
      proto.set_s(v);
    }
    void operator()(const std::vector<std::int64_t>& v) const {
      proto.set_type(onnx::AttributeProto::INTS);
      for (std::int64_t i : v) proto.add_ints(i);
    }
    void operator()(const std::vector<double>& v) const {
      proto.set_type(onnx::AttributeProto::FLOATS);
      for (double d : v) proto.add_floats(static_cast<float>(d));
    }
    void operator()(const std::vector<std::string>& v) const {
      proto.set_type(onnx::AttributeProto::STRINGS);
      for (const std::string& s : v) proto.add_strings(s);
    }
    void operator()(const std::shared_ptr<const Constant>& v) const {
      proto.set_type(onnx::AttributeProto::TENSOR);
      *proto.mutable_t() = constant_proto(*v, {});
    }
  };
  onnx::AttributeProto proto;
  proto.set_name(attribute.name);
  std::visit(Setter{proto}, attribute.value);
  return proto;
}

onnx::NodeProto node_proto(const Graph& graph, const Node& node) {
  onnx::NodeProto proto;
  proto.set_op_type(node.op);
  proto.set_name(node.name);
  for (TensorId id : node.inputs)
    proto.add_input(id == kNoTensor ? std::string() : graph.tensors[id].name);
  for (TensorId id : node.outputs)
    proto.add_output(id == kNoTensor ? std::string() : graph.tensors[id].name);
  for (const Attribute& attribute : node.attributes)
    *proto.add_attribute() = attribute_proto(attribute);
  return proto;
}

}  // namespace switchyard::graph
