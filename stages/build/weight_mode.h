// The names of export's weight modes, as the command line and build.json spell them.
#pragma once

#include <string_view>

#include "stages/export/export.h"

namespace switchyard {

// "auto", "reference", "embed", "external". Throws Error(kUsage) for anything else.
WeightMode parse_weight_mode(std::string_view name);
std::string_view weight_mode_name(WeightMode mode);

// The same for a part of a composite. Parts share their weights: where nothing was said, they refer to
// them, for each would hold a copy of its own.
WeightMode parse_part_weight_mode(std::string_view name);

}  // namespace switchyard
