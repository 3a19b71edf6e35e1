#include "tests/calibrate/png_writer.h"

#include <png.h>

namespace switchyard::testing {

std::string write_png(const PngSpec& spec, const std::vector<std::uint8_t>& rows) {
  std::string file;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &file,
      [](png_structp p, png_bytep data, png_size_t n) {
        static_cast<std::string*>(png_get_io_ptr(p))->append(reinterpret_cast<char*>(data), n);
      },
      nullptr);
  png_set_IHDR(png, info, spec.width, spec.height, spec.bit_depth, spec.color_type,
               spec.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (spec.linear_gamma) png_set_gAMA(png, info, 1.0);
  const png_color palette[] = {{10, 20, 30}, {40, 50, 60}};
  const png_byte alpha[] = {128, 128};
  if (spec.color_type == PNG_COLOR_TYPE_PALETTE) png_set_PLTE(png, info, palette, 2);
  if (spec.transparent_palette) png_set_tRNS(png, info, alpha, 2, nullptr);
  png_write_info(png, info);
  std::vector<std::uint8_t> copy = rows;
  const std::size_t row_bytes = png_get_rowbytes(png, info);
  std::vector<png_bytep> pointers;
  for (int y = 0; y < spec.height; ++y) pointers.push_back(copy.data() + y * row_bytes);
  png_write_image(png, pointers.data());
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return file;
}

}  // namespace switchyard::testing
