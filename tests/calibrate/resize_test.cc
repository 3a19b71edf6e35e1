#include "stages/calibrate/resize.h"

#include <gtest/gtest.h>

#include "engine/digest.h"

namespace switchyard {
namespace {

// Bytes of a linear congruential generator, so that the picture needs no file.
Image noise(int width, int height) {
  Image image{width, height, {}};
  std::uint32_t state = 1;
  for (int i = 0; i < width * height * 3; ++i) {
    state = state * 1664525u + 1013904223u;
    image.rgb.push_back(static_cast<std::uint8_t>(state >> 24));
  }
  return image;
}

std::string digest(const Image& image) {
  return sha256_hex(std::as_bytes(std::span(image.rgb))).substr(0, 16);
}

struct Case {
  int width, height;        // of the picture
  int to_width, to_height;  // asked for
  Interpolation filter;
  const char* digest;  // SHA-256 of what Pillow 9.4's Image.resize gives, first 16 digits
};

TEST(Resize, EqualsPillowBitForBit) {
  const Case cases[] = {
      {37, 23, 16, 16, Interpolation::kNearest, "ab8ad8fb2a56fe5e"},
      {37, 23, 16, 16, Interpolation::kLanczos, "b28487c225fb9abe"},
      {37, 23, 16, 16, Interpolation::kBilinear, "3e09eedc0584100f"},
      {37, 23, 16, 16, Interpolation::kBicubic, "258559c24974445f"},
      {37, 23, 16, 16, Interpolation::kBox, "e607736e73d82eb2"},
      {37, 23, 16, 16, Interpolation::kHamming, "a405614b62ae164b"},
      {37, 23, 90, 61, Interpolation::kNearest, "eee1a43d573c8d14"},
      {37, 23, 90, 61, Interpolation::kLanczos, "2947114ffea1061d"},
      {37, 23, 90, 61, Interpolation::kBilinear, "9110a0e48ba3b8ae"},
      {37, 23, 90, 61, Interpolation::kBicubic, "39dc9fc5ffbc7606"},
      {37, 23, 90, 61, Interpolation::kBox, "eee1a43d573c8d14"},
      {37, 23, 90, 61, Interpolation::kHamming, "4e4d2a6855d60fb0"},
      {64, 48, 64, 20, Interpolation::kNearest, "c97db6650f7610ca"},
      {64, 48, 64, 20, Interpolation::kLanczos, "ff2c1f2d5b14f639"},
      {64, 48, 64, 20, Interpolation::kBilinear, "080eff753bb1f54b"},
      {64, 48, 64, 20, Interpolation::kBicubic, "ba230404097e4882"},
      {64, 48, 64, 20, Interpolation::kBox, "b28e105836d35b3d"},
      {64, 48, 64, 20, Interpolation::kHamming, "ac9d1535fab470de"},
      {5, 400, 7, 33, Interpolation::kNearest, "a2855e4823d2f2b4"},
      {5, 400, 7, 33, Interpolation::kLanczos, "5971b76fd54731a2"},
      {5, 400, 7, 33, Interpolation::kBilinear, "fe24da8597635012"},
      {5, 400, 7, 33, Interpolation::kBicubic, "ac4c397a2d837669"},
      {5, 400, 7, 33, Interpolation::kBox, "fa26be817baad17a"},
      {5, 400, 7, 33, Interpolation::kHamming, "f5ea5d4b0fb3d310"},
      {200, 3, 1, 1, Interpolation::kNearest, "954028d03b777f59"},
      {200, 3, 1, 1, Interpolation::kLanczos, "9ff42aa5b0153dc6"},
      {200, 3, 1, 1, Interpolation::kBilinear, "293db781ad825119"},
      {200, 3, 1, 1, Interpolation::kBicubic, "9ff42aa5b0153dc6"},
      {200, 3, 1, 1, Interpolation::kBox, "b9247794ddb31cde"},
      {200, 3, 1, 1, Interpolation::kHamming, "99db657aa1b63d9a"},
  };
  for (const Case& c : cases) {
    const Image out = resize(noise(c.width, c.height), c.to_width, c.to_height, c.filter);
    ASSERT_EQ(out.rgb.size(), std::size_t{3} * c.to_width * c.to_height);
    EXPECT_EQ(digest(out), c.digest)
        << c.width << " x " << c.height << " to " << c.to_width << " x " << c.to_height << ", "
        << interpolation_name(c.filter);
  }
}

TEST(Resize, EqualSizeIsACopy) {
  const Image image = noise(12, 9);
  for (const Interpolation filter : {Interpolation::kNearest, Interpolation::kBicubic})
    EXPECT_EQ(resize(image, 12, 9, filter).rgb, image.rgb);
}

TEST(Resize, AFlatPictureStaysFlat) {
  const Image image{300, 200, std::vector<std::uint8_t>(300 * 200 * 3, 201)};
  for (const Interpolation filter :
       {Interpolation::kLanczos, Interpolation::kBilinear, Interpolation::kBicubic,
        Interpolation::kBox, Interpolation::kHamming}) {
    const Image out = resize(image, 31, 77, filter);
    EXPECT_EQ(out.rgb, std::vector<std::uint8_t>(31 * 77 * 3, 201)) << interpolation_name(filter);
  }
}

}  // namespace
}  // namespace switchyard
