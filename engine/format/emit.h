// The canonical layout of a document.
#pragma once

#include <string>

#include "engine/format/source_tree.h"

namespace switchyard::format {

// Wider flow collections are broken, those in rows of tables excepted.
constexpr std::size_t kWidth = 130;

// Ends in a newline; empty for an empty document.
std::string emit(const Document& document);

}  // namespace switchyard::format
