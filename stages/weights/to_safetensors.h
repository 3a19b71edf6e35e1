// `switchyard checkpoint to-safetensors`: any weights that can be read, as one safetensors file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "engine/rule_book.h"
#include "stages/weights/weight_files.h"

namespace switchyard {

struct ConversionReport {
  std::filesystem::path file;                  // as written
  std::uint64_t bytes = 0;                     // of the file
  std::size_t tensors = 0;                     // with bytes of their own
  std::vector<std::filesystem::path> sources;  // as the checkpoint names them
  // (name, the name under which the bytes are): tensors that were the same memory, tied weights.
  std::vector<std::pair<std::string, std::string>> tied;
  std::vector<std::string> reordered;  // were not row-major in the source
  std::vector<std::string> left_out;   // entries of the state dict that are no tensors
};

// Writes `output` (beside first, then renamed), replacing what is there. Bytes are copied as they
// are, piece by piece; memory stays small whatever the size.
//
// As safetensors' own save_model, a tensor that several names share is written once, under the first
// name, and the others are entries of `__metadata__`; open_safetensors gives them back. Tensors that
// overlap without being the same are written out each.
// Throws Error(kModel): what the sources' readers refuse, tensors that would take many times the
// room of the source, unwritable output; Error(kUsage): `output` is one of the sources.
ConversionReport convert_to_safetensors(const RuleBook& rules, const WeightSource& source,
                                        const std::filesystem::path& output);

}  // namespace switchyard
