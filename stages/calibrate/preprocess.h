// From a decoded image to the tensor a model takes.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "stages/calibrate/image.h"
#include "stages/checkpoint/preprocessing.h"
#include "stages/runtime/session.h"

namespace switchyard {

// Resizes, crops, rescales and normalizes: float32 [channels, height, width].
// Throws Error(kModel) naming `name` when the size asked for is beyond the limits of image.h (a
// picture of 1 x 16000 whose shorter side shall become 224).
Tensor preprocess_image(const ImagePreprocessing& preprocessing, const Image& image,
                        const std::string& name);

// Tensors of one shape and type laid one after another: [n, ...]. Precondition: not empty, all of
// the same shape and dtype.
Tensor stack(std::span<const Tensor> tensors);

// Whether convert_tensor knows the way: equal types, and between float32, float64 and float16.
bool is_convertible(std::string_view from, std::string_view to);

// The same values as `dtype`. Precondition: is_convertible(tensor.dtype, dtype).
Tensor convert_tensor(Tensor tensor, const std::string& dtype);

}  // namespace switchyard
