// --shape, --batch-size and --dynamic-axes as one request.
#pragma once

#include "stages/resolve/axes.h"
#include "tools/switchyard/arguments.h"

namespace switchyard {

// Whether any of them was given.
bool says_axes(const Arguments& arguments);

// Throws Error(kUsage) that lists all that is wrong with the values, Error(kModel) when the file of
// --dynamic-axes can't be read.
AxisRequest axis_request(const Arguments& arguments);

// Lays what the user said over the resolution. Throws as above, and Error(kUsage) that lists all
// that does not fit the model.
void lay_axis_options(const Arguments& arguments, Resolution& resolution);

}  // namespace switchyard
