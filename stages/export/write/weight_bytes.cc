#include "stages/export/write/weight_bytes.h"

#include <cstddef>
#include <cstring>
#include <span>
#include <string>

#include "stages/export/graph/half.h"

namespace switchyard {
namespace {

template <typename T>
T load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

float to_float(const std::byte* at, Dtype dtype) {
  switch (dtype) {
    case Dtype::kF16:
      return graph::half_to_float(load<std::uint16_t>(at));
    case Dtype::kBF16:
      return graph::bfloat16_to_float(load<std::uint16_t>(at));
    case Dtype::kF64:
      return static_cast<float>(load<double>(at));
    default:
      return load<float>(at);
  }
}

void append_converted(FileWriter& file, const graph::Tensor& tensor,
                      std::span<const std::byte> stored) {
  constexpr std::size_t kChunk = 1 << 16;
  const std::size_t size = byte_size(tensor.stored->dtype);
  std::string chunk;
  for (std::size_t i = 0; i < stored.size(); i += size) {
    const float value = to_float(stored.data() + i, tensor.stored->dtype);
    chunk.append(reinterpret_cast<const char*>(&value), sizeof value);
    if (chunk.size() < kChunk) continue;
    file.append(chunk);
    chunk.clear();
  }
  file.append(chunk);
}

}  // namespace

graph::ElemType stored_elem(const graph::Tensor& tensor) {
  return graph::elem_of(tensor.stored->dtype);
}

std::uint64_t model_bytes(const graph::Tensor& tensor) {
  return tensor.bytes / byte_size(tensor.stored->dtype) * graph::elem_size(tensor.type.elem);
}

void append_weight(FileWriter& file, const Weights& weights, const graph::Tensor& tensor) {
  if (stored_elem(tensor) == tensor.type.elem) {
    file.append_file(weights.files()[tensor.stored->file].path, tensor.offset, tensor.bytes);
    return;
  }
  append_converted(
      file, tensor,
      weights.data(*tensor.stored).subspan(tensor.offset - tensor.stored->offset, tensor.bytes));
}

}  // namespace switchyard
