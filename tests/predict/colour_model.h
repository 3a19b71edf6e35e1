// The smallest image classifier: logits are ten times the mean of red, green and blue.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "tests/calibrate/temporary_folder.h"

namespace switchyard::testing {

inline constexpr char kColourGraph[] = R"(<ir_version: 8, opset_import: ["" : 17]>
  colours (float[batch_size, 3, 4, 4] pixel_values) => (float[batch_size, 3] logits) {
    ten = Constant<value_float = 10.0>()
    scaled = Mul(pixel_values, ten)
    pooled = GlobalAveragePool(scaled)
    logits = Flatten(pooled)
  })";

// A timm config: labels red, green, blue; 4 x 4 pixels, mean 0 and deviation 1.
inline constexpr char kColourConfig[] =
    R"({"architecture": "colours", "num_classes": 3, "label_names": ["red", "green", "blue"],
        "pretrained_cfg": {"input_size": [3, 4, 4], "crop_pct": 1.0, "interpolation": "bilinear",
                           "mean": [0, 0, 0], "std": [1, 1, 1]}})";

// `text` in ONNX's textual form as a serialized model.
std::string onnx_model(const char* text);

// model.onnx and config.json in `folder`.
void write_model(const TemporaryFolder& folder, const char* graph = kColourGraph,
                 const char* config = kColourConfig);

// 8 x 6 pixels of one colour.
std::filesystem::path write_colour(const TemporaryFolder& folder, const std::string& name,
                                   std::uint8_t red, std::uint8_t green, std::uint8_t blue);

}  // namespace switchyard::testing
