// The types of plain YAML scalars.
#pragma once

#include <string_view>

#include "engine/value.h"

namespace switchyard {

// What an unquoted scalar means under YAML 1.2's core schema; a string when it is nothing else.
// Integers beyond int64 become floats.
Value core_scalar(std::string_view text);

}  // namespace switchyard
