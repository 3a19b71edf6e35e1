// libpng's full interface, not its simplified one: that one would apply the gamma of the file and
// blend alpha, which Pillow does not.
#include <png.h>

#include <csetjmp>
#include <cstring>

#include "engine/error.h"
#include "stages/calibrate/image_codecs.h"

namespace switchyard::codecs {
namespace {

// What libpng's C callbacks see. Trivially destructible throughout: longjmp passes over it.
struct Source {
  const std::byte* next;
  std::size_t left;
  char reason[160];
};

void read_from_memory(png_structp png, png_bytep out, std::size_t count) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (count > source->left) png_error(png, "the file ends too early");
  std::memcpy(out, source->next, count);
  source->next += count;
  source->left -= count;
}

void on_error(png_structp png, png_const_charp reason) {
  auto* source = static_cast<Source*>(png_get_error_ptr(png));
  std::strncpy(source->reason, reason, sizeof source->reason - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

// Owns libpng's two structures.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : source_{bytes.data(), bytes.size(), {}} {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source_, on_error, on_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { png_destroy_read_struct(&png_, &info_, nullptr); }

  bool ok() const { return info_ != nullptr; }
  const char* reason() const { return source_.reason; }
  std::uint32_t width() const { return png_get_image_width(png_, info_); }
  std::uint32_t height() const { return png_get_image_height(png_, info_); }

  // False: reason() says why. No C++ object lives in these two between setjmp and longjmp.
  bool read_header() {
    if (setjmp(png_jmpbuf(png_))) return false;
    png_set_read_fn(png_, &source_, read_from_memory);
    // Our own limits are checked on the values; these bound what ancillary chunks may allocate.
    png_set_user_limits(png_, 0x7fffffff, 0x7fffffff);
    png_set_chunk_malloc_max(png_, 8u << 20);
    png_set_chunk_cache_max(png_, 128);
    png_read_info(png_, info_);
    return true;
  }

  bool read_pixels(std::uint8_t* rgb) {
    if (setjmp(png_jmpbuf(png_))) return false;
    png_set_strip_16(png_);
    png_set_palette_to_rgb(png_);
    png_set_expand_gray_1_2_4_to_8(png_);
    png_set_gray_to_rgb(png_);
    png_set_strip_alpha(png_);
    const int passes = png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    const std::size_t row_bytes = std::size_t{3} * width();
    if (png_get_rowbytes(png_, info_) != row_bytes) png_error(png_, "unexpected row size");
    const std::uint32_t rows = height();
    for (int pass = 0; pass < passes; ++pass)
      for (std::uint32_t y = 0; y < rows; ++y) png_read_row(png_, rgb + y * row_bytes, nullptr);
    png_read_end(png_, nullptr);
    return true;
  }

 private:
  Source source_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

}  // namespace

Image decode_png(std::span<const std::byte> bytes, const std::string& name) {
  Reader reader(bytes);
  const auto fail = [&](const std::string& reason) {
    throw Error(ErrorKind::kModel, Place{name}, "the PNG image is damaged: " + reason,
                "Replace the image or leave it out");
  };
  if (!reader.ok()) fail("the decoder could not start");
  if (!reader.read_header()) fail(reader.reason());
  check_dimensions(reader.width(), reader.height(), name);
  Image image{static_cast<int>(reader.width()), static_cast<int>(reader.height()), {}};
  image.rgb.resize(std::size_t{3} * reader.width() * reader.height());
  if (!reader.read_pixels(image.rgb.data())) fail(reader.reason());
  return image;
}

}  // namespace switchyard::codecs
