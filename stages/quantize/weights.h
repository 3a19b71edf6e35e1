// Inside stages/quantize: the float values of an initializer, wherever they lie.
#pragma once

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <vector>

namespace switchyard {

// `directory`: of the model file, where external data is looked for. The tensor is float32.
// Throws Error(kModel) naming the tensor: data missing, cut short, outside the directory, or not
// finite.
std::vector<float> read_weights(const onnx::TensorProto& tensor,
                                const std::filesystem::path& directory);

}  // namespace switchyard
