// Top-1 accuracy of a classifier over a folder of labelled images.
#pragma once

#include <cstddef>
#include <filesystem>

#include "stages/predict/predictor.h"

namespace switchyard {

struct Accuracy {
  std::size_t images = 0;
  std::size_t correct = 0;
  double top1() const { return images == 0 ? 0.0 : static_cast<double>(correct) / images; }
};

// `folder` has one sub-folder a class, named after its label (letter case, `_` and `-` don't
// matter; of "tench, Tinca tinca" either part will do) or its index. All images below it count.
// Throws Error(kModel): no class folders, a folder that names no class of the model, an image that
// can't be read.
Accuracy evaluate_images(const Predictor& predictor, const std::filesystem::path& folder);

}  // namespace switchyard
