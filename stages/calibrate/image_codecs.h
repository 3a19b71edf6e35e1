// The decoders behind image.h; each knows one library. Private to this folder.
#pragma once

#include <span>
#include <string>

#include "stages/calibrate/image.h"

namespace switchyard::codecs {

// Both throw Error(kModel) naming `name` and the reason.
Image decode_png(std::span<const std::byte> bytes, const std::string& name);
Image decode_jpeg(std::span<const std::byte> bytes, const std::string& name);

// Throws when the dimensions are not positive or beyond the limits of image.h.
void check_dimensions(std::int64_t width, std::int64_t height, const std::string& name);

}  // namespace switchyard::codecs
