// Inside stages/quantize: the float values of an initializer, wherever they lie, and a place for
// integers that one ONNX file can't hold.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/file_writer.h"

namespace switchyard {

// `directory`: of the model file, where external data is looked for. The tensor is float32, or
// 16-bit floats, which are widened.
// Throws Error(kModel) naming the tensor: data missing, cut short, outside the directory, or not
// finite.
std::vector<float> read_weights(const onnx::TensorProto& tensor,
                                const std::filesystem::path& directory);

// The data file of a quantized graph, while it is written. Not the owner of `file`.
class DataFile {
 public:
  // `name`: as the graph will refer to it.
  DataFile(FileWriter& file, std::string name) : file_(file), name_(std::move(name)) {}
  // Appends the bytes and points `tensor` at them. Small tensors stay inside: a page for each of
  // them would be waste. Throws Error(kModel).
  void store(onnx::TensorProto& tensor, std::string_view bytes);

 private:
  FileWriter& file_;
  std::string name_;
  std::uint64_t end_ = 0;
};

}  // namespace switchyard
