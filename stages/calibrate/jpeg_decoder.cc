// TurboJPEG: the interface of libjpeg-turbo that reports errors without longjmp.
#include <turbojpeg.h>

#include <memory>
#include <string_view>

#include "engine/error.h"
#include "stages/calibrate/image_codecs.h"

namespace switchyard::codecs {
namespace {

struct Destroy {
  void operator()(void* handle) const { tjDestroy(handle); }
};

}  // namespace

Image decode_jpeg(std::span<const std::byte> bytes, const std::string& name) {
  const auto fail = [&](const std::string& reason) {
    throw Error(ErrorKind::kModel, Place{name}, "the JPEG image can't be decoded: " + reason,
                "Replace the image or leave it out");
  };
  const std::unique_ptr<void, Destroy> handle(tjInitDecompress());
  if (!handle) fail("the decoder could not start");
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  int width = 0;
  int height = 0;
  int subsampling = 0;
  int colour_space = 0;
  if (tjDecompressHeader3(handle.get(), data, bytes.size(), &width, &height, &subsampling,
                          &colour_space) != 0)
    fail(tjGetErrorStr2(handle.get()));
  if (width <= 0 || height <= 0) fail("its header is incomplete");
  check_dimensions(width, height, name);
  if (colour_space == TJCS_CMYK || colour_space == TJCS_YCCK)
    fail("it has CMYK colours; convert it to RGB");
  Image image{width, height, {}};
  image.rgb.resize(std::size_t{3} * width * height);
  // The accurate transform is libjpeg's default and Pillow's; LIMITSCANS bounds the time that a
  // progressive file with thousands of scans can take.
  if (tjDecompress2(handle.get(), data, bytes.size(), image.rgb.data(), width, 0, height, TJPF_RGB,
                    TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS) != 0) {
    // Warnings speak of oddities that every decoder passes over, except that data are missing.
    const std::string_view reason = tjGetErrorStr2(handle.get());
    if (tjGetErrorCode(handle.get()) != TJERR_WARNING ||
        reason.find("remature end") != std::string_view::npos)
      fail(std::string(reason));
  }
  return image;
}

}  // namespace switchyard::codecs
