// "Did you mean ...?"
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

// The name that takes the fewest edits to reach, if that is few for its length; else empty.
std::string nearest(std::string_view given, const std::vector<std::string>& names);

}  // namespace switchyard
