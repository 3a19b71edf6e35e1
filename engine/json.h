// Reads JSON as it is found on the Hub into a Value.
//
// Accepts what real config.json files carry beyond RFC 8259: a byte order mark, CRLF, bare NaN,
// Infinity and -Infinity, lone and paired surrogate escapes. Integers beyond int64 become floats.
// Depth is limited (200) so that hostile nesting can't exhaust the stack.
#pragma once

#include <string>
#include <string_view>

#include "engine/value.h"

namespace switchyard {

// Throws Error(kind kModel) with file:line:column of the fault; `file` is only used for that.
Value parse_json(std::string_view text, const std::string& file);

}  // namespace switchyard
