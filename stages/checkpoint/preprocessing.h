// What a model wants of an image before it enters the graph, as the checkpoint says it:
// preprocessor_config.json (transformers' image processors) or pretrained_cfg (timm's eval
// transform). Only read and planned here; decoding and resampling are the image reader's business.
//
// The order of the steps is fixed: resize, crop, rescale, normalize:
//
//   pixel (uint8, after resize and crop) -> (pixel * rescale_factor - offset - mean[c]) / std[c]
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "engine/value.h"
#include "stages/checkpoint/checkpoint.h"

namespace switchyard {

// Filters of Pillow; the numbers are Pillow's (`resample` of preprocessor_config.json).
enum class Interpolation {
  kNearest = 0,
  kLanczos = 1,
  kBilinear = 2,
  kBicubic = 3,
  kBox = 4,
  kHamming = 5,
};
std::string_view interpolation_name(Interpolation interpolation);  // "bilinear"

struct ImagePreprocessing {
  enum class Resize {
    kNone,          // taken as it is
    kExact,         // to height x width, aspect not kept
    kShortestEdge,  // the shorter side becomes `height`, the longer int(height * long / short)
    kCover,         // aspect kept, rounded, just covering height x width
    kInside,        // aspect kept, rounded, the whole image inside height x width
  };
  // How the corner of a centred crop is rounded where the margin is odd.
  enum class CropRounding {
    kFloor,     // transformers: margin // 2
    kHalfEven,  // torchvision: round(margin / 2), halves to even
  };

  Resize resize = Resize::kNone;
  int resize_height = 0;  // pixels; 0 when `resize` is kNone
  int resize_width = 0;
  int longest_limit = 0;  // with kShortestEdge: the longer side never exceeds it; 0: no limit
  Interpolation interpolation = Interpolation::kBilinear;

  bool crop = false;  // centred, after resizing; a smaller image is padded around
  int crop_height = 0;
  int crop_width = 0;
  CropRounding crop_rounding = CropRounding::kFloor;
  std::vector<int> pad_color;  // per channel, 0..255; empty: black

  int channels = 3;             // 3: RGB, 1: grey
  bool flip_channels = false;   // BGR: the processor turns the channels round
  double rescale_factor = 1.0;  // 1 when the processor doesn't rescale
  double offset = 0.0;          // subtracted after rescaling (processors that map to -1..1)
  std::vector<double> mean;     // per channel, after rescaling; empty: no normalization
  std::vector<double> std;

  std::string source;  // "preprocessor_config.json" or "config.json: pretrained_cfg"
};

// The geometry for one image: resize to resize_height x resize_width, then take the window whose
// upper left corner is (top, left). A negative corner means padding with pad_color.
struct ImagePlan {
  int resize_height = 0;
  int resize_width = 0;
  int top = 0;
  int left = 0;
  int height = 0;  // of the result
  int width = 0;
};

// Precondition: height and width are positive.
ImagePlan plan_image(const ImagePreprocessing& preprocessing, int height, int width);

// Nothing when the checkpoint says nothing of images. Processors whose classes read a bare number
// as `size`, or leave defaults out, in ways of their own are rows of the knowledge table
// `image_processors`.
// Throws Error(kModel) naming the file and the field when what it says makes no sense.
std::optional<ImagePreprocessing> image_preprocessing(const RuleBook& rules,
                                                      const ModelSource& source);

// The eval transform for a pretrained_cfg; what it leaves out has timm's defaults.
ImagePreprocessing preprocessing_of_pretrained_cfg(const Value& cfg, const std::string& file);

// `processor` is preprocessor_config.json; `row` its class's row of `image_processors`, or null.
ImagePreprocessing preprocessing_of_processor(const Value& processor, const Value& row,
                                              const std::string& file);

}  // namespace switchyard
