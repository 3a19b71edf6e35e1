// What changed between two texts, for people.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace switchyard {

// The changed lines as in a unified diff with one line around them: "@@ 12 @@", " same", "-old",
// "+new". At most `limit` lines, then "... and N more lines". Empty for equal texts.
std::string line_diff(std::string_view before, std::string_view after, std::size_t limit);

}  // namespace switchyard
