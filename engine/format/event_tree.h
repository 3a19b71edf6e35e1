// The bare tree of a document: kinds, styles and where nodes begin.
#pragma once

#include <string_view>

#include "engine/format/source_tree.h"

namespace switchyard::format {

// Offset of the first character of each line.
std::vector<std::size_t> line_starts(std::string_view text);

// For text that parse_yaml has read before. The comments and the spelling are left empty.
Node read_events(std::string_view text);

}  // namespace switchyard::format
