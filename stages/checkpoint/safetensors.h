// safetensors: 8 bytes little-endian header length, a JSON header, raw bytes.
// https://github.com/huggingface/safetensors#format
//
// Everything the header claims is checked before a byte is used: its length, offsets that are in
// order, neither overlap nor leave holes, dtype, products of shapes, UTF-8, duplicate names.
#pragma once

#include <filesystem>

#include "stages/checkpoint/opened_file.h"
#include "stages/checkpoint/weights.h"

namespace switchyard {

// Tied tensors are there under every name: safetensors' save_model writes one of them and says under
// `__metadata__` which names stand for it.
// Throws Error(kModel) naming file, tensor and reason.
OpenedFile open_safetensors(const std::filesystem::path& file);

}  // namespace switchyard
