// The head of a new safetensors file, byte for byte as the reference writer makes it.
// https://github.com/huggingface/safetensors#format
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "stages/checkpoint/weights.h"

namespace switchyard {

struct SafetensorsEntry {
  std::string name;
  Dtype dtype = Dtype::kF32;
  std::vector<std::int64_t> shape;
  std::uint64_t bytes = 0;
};

// Whether `a`'s bytes stand before `b`'s: wider types first, so that every tensor is aligned to its
// own size, then by name.
bool stands_before(const SafetensorsEntry& a, const SafetensorsEntry& b);

// The length field and the header, padded to 8 bytes; the tensors' bytes follow it in the order of
// `entries` without gaps. `metadata`: what goes under `__metadata__`, in this order.
// Throws Error(kModel): a header above the format's 100 MB, a tensor named `__metadata__`.
std::string safetensors_head(const std::vector<SafetensorsEntry>& entries,
                             const std::vector<std::pair<std::string, std::string>>& metadata);

}  // namespace switchyard
