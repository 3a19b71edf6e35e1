// A weight's bytes on their way from the checkpoint into a model.
#pragma once

#include <cstdint>

#include "stages/checkpoint/safetensors.h"
#include "stages/export/graph/graph.h"
#include "engine/file_writer.h"

namespace switchyard {

// The tensor's type as the checkpoint stores it.
graph::ElemType stored_elem(const graph::Tensor& tensor);

// In the model: floats that are stored with other than 32 bits become float32.
std::uint64_t model_bytes(const graph::Tensor& tensor);

// Appends model_bytes() bytes, converted where that is needed. Throws Error(kModel).
void append_weight(FileWriter& file, const Weights& weights, const graph::Tensor& tensor);

}  // namespace switchyard
