// Images as 8-bit RGB, decoded from PNG or JPEG files.
//
// Every colour type comes out as Pillow's convert("RGB") gives it: grey and palette images are
// expanded, an alpha channel is dropped (not blended), 16-bit samples keep their high byte, and no
// gamma or colour profile is applied. Models were trained on such pixels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace switchyard {

// Rows from top to bottom, `width * 3` bytes each, no padding.
struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb;
};

// Beyond these a file is refused before its pixels are decoded: nothing a model takes comes near,
// and a few hostile bytes can claim gigabytes.
inline constexpr int kMaxImageSide = 16384;
inline constexpr std::int64_t kMaxImagePixels = 100'000'000;
inline constexpr std::uint64_t kMaxImageFileBytes = 256ull << 20;

// Whether the name ends as that of a supported format (.png, .jpg, .jpeg; letter case is ignored).
bool has_image_extension(const std::filesystem::path& file);

// Throws Error(kModel) naming the file and the reason: not there, a directory, not readable, empty,
// not a supported format, truncated, corrupt, too large.
Image read_image(const std::filesystem::path& file);

// The same from memory; `name` is only used in messages.
Image decode_image(std::span<const std::byte> bytes, const std::string& name);

}  // namespace switchyard
