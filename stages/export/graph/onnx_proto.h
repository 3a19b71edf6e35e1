// Between the graph's own types and ONNX's protobuf messages. Heavy: only for .cc files.
#pragma once

#include <onnx/onnx_pb.h>

#include "stages/export/graph/graph.h"

namespace switchyard::graph {

void set_type(const TensorType& type, onnx::TypeProto& proto);
onnx::AttributeProto attribute_proto(const Attribute& attribute);
// With raw_data.
onnx::TensorProto constant_proto(const Constant& constant, const std::string& name);
onnx::NodeProto node_proto(const Graph& graph, const Node& node);

}  // namespace switchyard::graph
