// The JSON header of a safetensors file.
//
//   {"__metadata__": {"format": "pt"},
//    "fc.weight": {"dtype": "F32", "shape": [10, 64], "data_offsets": [0, 2560]}, ...}
//
// Read by a scanner of its own: the grammar is tiny, a thousand entries take a fraction of a
// millisecond, and a general JSON reader neither refuses duplicate names nor says where.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stages/checkpoint/weights.h"

namespace switchyard {

// The tensors that `header` describes, tied ones too, sorted by name. `data_start`: where the raw bytes begin in
// the file; `data_size`: how many there are. Offsets in the result count from the file's start.
// `file` is for messages. Throws Error(kModel) naming file, tensor and reason.
std::vector<StoredTensor> parse_safetensors_header(std::string_view header,
                                                   std::uint64_t data_start,
                                                   std::uint64_t data_size,
                                                   const std::string& file);

}  // namespace switchyard
