// The ModelProto of a graph, without the weights' bytes. Heavy: only for .cc files.
#pragma once

#include <onnx/onnx_pb.h>

#include <vector>

#include "stages/export/graph/graph.h"
#include "stages/export/write/model_writer.h"

namespace switchyard {

// Weight tensors that the graph reads, in order.
std::vector<const graph::Tensor*> used_weights(const graph::Graph& graph);

// Everything but the weights: nodes, small constants, inputs, outputs, metadata.
onnx::ModelProto model_without_weights(const graph::Graph& graph,
                                       const ModelProperties& properties);

// A weight's dims, type and name; no data. `elem`: as it lies in the model.
onnx::TensorProto weight_proto(const graph::Tensor& tensor, graph::ElemType elem);

// Runs libonnx's checker and strict shape inference over a copy of what model_without_weights made,
// in which one byte stands for each weight. Throws Error(kModel).
void check_without_weights(onnx::ModelProto model, const graph::Graph& graph);

// libonnx's reason in one clean line.
std::string clean_reason(const std::string& text);

}  // namespace switchyard
