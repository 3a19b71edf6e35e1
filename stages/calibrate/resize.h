// Resizing of 8-bit RGB images, bit for bit as Pillow's Image.resize does it.
//
// A model's preprocessing is part of the model: half a grey level of difference in a resampled
// pixel moves logits, so the arithmetic (22-bit fixed-point weights, horizontal pass before the
// vertical one, rounding to 8 bits after each) is Pillow's own.
#pragma once

#include "stages/calibrate/image.h"
#include "stages/checkpoint/preprocessing.h"

namespace switchyard {

// Shrinking widens the filter by the scale (antialiasing); an equal size is a copy.
// Preconditions: width and height from 1 to kMaxImageSide, `image` not empty.
Image resize(const Image& image, int width, int height, Interpolation filter);

}  // namespace switchyard
