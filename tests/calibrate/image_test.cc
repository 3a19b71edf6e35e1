#include "stages/calibrate/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "engine/error.h"
#include "engine/digest.h"
#include "tests/calibrate/png_writer.h"
#include "tests/calibrate/temporary_folder.h"

namespace switchyard {
namespace {

using ::testing::HasSubstr;
using testing::PngSpec;
using testing::TemporaryFolder;
using testing::write_png;

Image decode(const std::string& file) {
  return decode_image(std::as_bytes(std::span(file)), "picture");
}

struct ColourCase {
  const char* name;
  PngSpec spec;
  std::vector<std::uint8_t> rows;
  std::vector<std::uint8_t> rgb;
};

std::ostream& operator<<(std::ostream& out, const ColourCase& c) { return out << c.name; }

class PngColours : public ::testing::TestWithParam<ColourCase> {};

TEST_P(PngColours, BecomeRgbAsPillowConvertsThem) {
  const Image image = decode(write_png(GetParam().spec, GetParam().rows));
  EXPECT_EQ(image.width, GetParam().spec.width);
  EXPECT_EQ(image.height, GetParam().spec.height);
  EXPECT_EQ(image.rgb, GetParam().rgb);
}

std::vector<ColourCase> colour_cases() {
  return {
      {"rgb", {2, 1, 2, 8}, {1, 2, 3, 250, 251, 252}, {1, 2, 3, 250, 251, 252}},
      {"gamma_is_not_applied",
       {.width = 1, .height = 1, .linear_gamma = true},
       {10, 100, 200},
       {10, 100, 200}},
      {"grey", {2, 1, 0, 8}, {7, 200}, {7, 7, 7, 200, 200, 200}},
      {"one_bit", {4, 1, 0, 1}, {0b01010000}, {0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 255}},
      {"two_bits", {4, 1, 0, 2}, {0b00011011}, {0, 0, 0, 85, 85, 85, 170, 170, 170, 255, 255, 255}},
      {"four_bits", {2, 1, 0, 4}, {0x1f}, {17, 17, 17, 255, 255, 255}},
      {"grey_16_keeps_the_high_byte",
       {2, 1, 0, 16},
       {0x12, 0xff, 0xfe, 0x00},
       {0x12, 0x12, 0x12, 0xfe, 0xfe, 0xfe}},
      {"rgb_16_keeps_the_high_byte", {1, 1, 2, 16}, {1, 200, 2, 255, 3, 0}, {1, 2, 3}},
      {"grey_alpha_dropped", {2, 1, 4, 8}, {9, 0, 90, 128}, {9, 9, 9, 90, 90, 90}},
      {"rgba_dropped_not_blended",
       {2, 1, 6, 8},
       {5, 6, 7, 0, 50, 60, 70, 100},
       {5, 6, 7, 50, 60, 70}},
      {"rgba_16", {1, 1, 6, 16}, {5, 1, 6, 1, 7, 1, 0, 0}, {5, 6, 7}},
      {"palette",
       {.width = 3, .height = 1, .color_type = 3},
       {1, 0, 1},
       {40, 50, 60, 10, 20, 30, 40, 50, 60}},
      {"palette_of_one_bit_with_transparency",
       {.width = 2, .height = 1, .color_type = 3, .bit_depth = 1, .transparent_palette = true},
       {0b01000000},
       {10, 20, 30, 40, 50, 60}}};
}

INSTANTIATE_TEST_SUITE_P(All, PngColours, ::testing::ValuesIn(colour_cases()),
                         [](const auto& info) { return info.param.name; });

TEST(Png, InterlacedIsTheSamePicture) {
  std::vector<std::uint8_t> rows(19 * 13 * 3);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::uint8_t>(i * 37 % 251);
  PngSpec spec{.width = 19, .height = 13, .interlaced = true};
  EXPECT_EQ(decode(write_png(spec, rows)).rgb, rows);
}

TEST(Jpeg, DecodesAsPillowDoes) {
  struct Case {
    const char* file;
    const char* digest;  // SHA-256 of Pillow 9.4's convert("RGB").tobytes(), first 16 digits
  };
  for (const Case& c :
       {Case{"colour-420.jpg", "c4ed7621f75d278a"}, Case{"progressive-444.jpg", "84f1b0fecc95c0a1"},
        Case{"grey.jpg", "4f8f03b69526a8ac"}}) {
    const Image image =
        read_image(std::string(SWITCHYARD_SOURCE_DIR "/tests/data/images/") + c.file);
    EXPECT_EQ(image.width, 45) << c.file;
    EXPECT_EQ(image.height, 31) << c.file;
    EXPECT_EQ(sha256_hex(std::as_bytes(std::span(image.rgb))).substr(0, 16), c.digest) << c.file;
  }
}

std::string contents(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The error of reading `file`; fails the test when there is none.
std::string error_of(const std::filesystem::path& file) {
  try {
    read_image(file);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kModel);
    EXPECT_THAT(std::string(error.what()), HasSubstr(file.string()));
    return error.what();
  }
  ADD_FAILURE() << file << " was read without an error";
  return {};
}

TEST(BadImage, ErrorsNameFileAndReason) {
  TemporaryFolder folder;
  const std::string good =
      write_png({.width = 32, .height = 32}, std::vector<std::uint8_t>(32 * 32 * 3, 77));
  std::string bad_checksum = good;
  bad_checksum[good.size() / 2] = static_cast<char>(bad_checksum[good.size() / 2] ^ 0x55);
  std::string huge = good;  // claims 2^30 x 2^30; the header's checksum is then wrong as well
  huge[16] = 0x40;
  huge[20] = 0x40;
  const std::string jpeg = contents(SWITCHYARD_SOURCE_DIR "/tests/data/images/colour-420.jpg");
  ASSERT_GT(jpeg.size(), 1000u);

  struct Case {
    const char* name;
    std::string bytes;
    const char* reason;
  };
  const std::vector<Case> cases = {
      {"empty.png", "", "empty"},
      {"text.png", "hello", "not an image"},
      {"pointer.png", "version https://git-lfs.github.com/spec/v1\n", "git-lfs"},
      {"anim.gif", "GIF89a............", "GIF"},
      {"signature-only.png", good.substr(0, 8), "damaged"},
      {"truncated-header.png", good.substr(0, 20), "damaged"},
      {"truncated-pixels.png", good.substr(0, good.size() - 25), "damaged"},
      {"checksum.png", bad_checksum, "damaged"},
      {"huge.png", huge, "damaged"},
      {"truncated.jpg", jpeg.substr(0, jpeg.size() / 2), "can't be decoded"},
      {"truncated-header.jpg", jpeg.substr(0, 30), "can't be decoded"},
  };
  for (const Case& c : cases)
    EXPECT_THAT(error_of(folder.write(c.name, c.bytes)), HasSubstr(c.reason)) << c.name;

  EXPECT_THAT(error_of(folder.path()), HasSubstr("directory"));
  EXPECT_THAT(error_of(folder.path() / "none.png"), HasSubstr("No such file"));
  EXPECT_THAT(error_of(SWITCHYARD_SOURCE_DIR "/tests/data/images/cmyk.jpg"), HasSubstr("CMYK"));

  const std::filesystem::path pipe = folder.path() / "pipe.png";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(error_of(pipe), HasSubstr("not a regular file"));
}

TEST(BadImage, PermissionDenied) {
  TemporaryFolder folder;
  const auto file = folder.write("secret.png", "x");
  std::filesystem::permissions(file, std::filesystem::perms::none);
  // Root may read every file, so the tests give that up for a moment.
  const uid_t user = ::geteuid();
  ASSERT_TRUE(user != 0 || ::seteuid(65534) == 0);
  const std::string error = error_of(file);
  ASSERT_TRUE(user != 0 || ::seteuid(0) == 0);
  EXPECT_THAT(error, HasSubstr("Permission denied"));
}

TEST(BadImage, DimensionsBeyondTheLimitAreRefusedBeforePixelsAreDecoded) {
  // Valid files of little more than nothing: one bit a pixel, all black.
  const std::vector<std::uint8_t> row(20000 / 8, 0);
  const std::string wide = write_png({20000, 1, 0, 1}, row);
  EXPECT_THROW(
      {
        try {
          decode(wide);
        } catch (const Error& error) {
          EXPECT_THAT(std::string(error.what()), HasSubstr("20000 x 1"));
          EXPECT_THAT(std::string(error.what()), HasSubstr("too large"));
          throw;
        }
      },
      Error);
  const int side = 10100;  // each side is allowed, the area is not
  const std::string large =
      write_png({side, side, 0, 1}, std::vector<std::uint8_t>(side * ((side + 7) / 8), 0));
  EXPECT_THROW(decode(large), Error);
}

// Every prefix and many single-byte changes of a file must end in a picture or an Error.
TEST(BadImage, DamagedBytesNeverCrash) {
  std::vector<std::uint8_t> rows(9 * 7 * 4);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::uint8_t>(i * 29);
  const std::vector<std::string> files = {
      write_png({.width = 9, .height = 7, .color_type = 6, .interlaced = true}, rows),
      contents(SWITCHYARD_SOURCE_DIR "/tests/data/images/progressive-444.jpg")};
  int pictures = 0;
  int errors = 0;
  const auto attempt = [&](const std::string& bytes) {
    try {
      const Image image = decode(bytes);
      EXPECT_EQ(image.rgb.size(), std::size_t{3} * image.width * image.height);
      ++pictures;
    } catch (const Error&) {
      ++errors;
    }
  };
  for (const std::string& file : files) {
    for (std::size_t n = 0; n < file.size(); ++n) attempt(file.substr(0, n));
    for (std::size_t i = 0; i < file.size(); ++i) {
      std::string changed = file;
      changed[i] = static_cast<char>(changed[i] + 1 + static_cast<char>(i % 200));
      attempt(changed);
    }
  }
  EXPECT_GT(errors, 1000);
  EXPECT_GT(pictures, 0);
}

TEST(ImageName, Extension) {
  EXPECT_TRUE(has_image_extension("a.png"));
  EXPECT_TRUE(has_image_extension("a/b.JPEG"));
  EXPECT_TRUE(has_image_extension("x.Jpg"));
  EXPECT_FALSE(has_image_extension("png"));
  EXPECT_FALSE(has_image_extension("a.gif"));
}

}  // namespace
}  // namespace switchyard
