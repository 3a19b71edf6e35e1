// Writes PNG files of every kind for the tests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace switchyard::testing {

struct PngSpec {
  int width = 0;
  int height = 0;
  // As in the file: 0 grey, 2 RGB, 3 palette (10,20,30 and 40,50,60), 4 grey + alpha, 6 RGBA.
  int color_type = 2;
  int bit_depth = 8;
  bool interlaced = false;
  bool linear_gamma = false;         // adds gAMA 1.0, which a decoder may be tempted to apply
  bool transparent_palette = false;  // adds tRNS: every entry half transparent
};

// `rows`: packed as the file stores them (big-endian 16-bit samples, several pixels a byte below
// 8).
std::string write_png(const PngSpec& spec, const std::vector<std::uint8_t>& rows);

}  // namespace switchyard::testing
