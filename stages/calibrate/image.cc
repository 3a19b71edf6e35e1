#include "stages/calibrate/image.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "engine/error.h"
#include "stages/calibrate/image_codecs.h"

namespace switchyard {
namespace {

constexpr char kFormats[] = "Give a PNG or JPEG image";

[[noreturn]] void fail(const std::string& name, const std::string& reason,
                       const std::string& mend = kFormats) {
  throw Error(ErrorKind::kModel, Place{name}, reason, mend);
}

// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(const std::filesystem::path& file)
      // O_NONBLOCK: opening a pipe that nobody writes to must not hang.
      : fd_(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

std::vector<std::byte> read_bytes(const std::filesystem::path& file) {
  const std::string name = file.string();
  const Descriptor descriptor(file);
  struct stat status {};
  if (descriptor.get() < 0 || ::fstat(descriptor.get(), &status) != 0)
    fail(name, std::string("the image can't be opened: ") + std::strerror(errno),
         "Check the path and its permissions");
  if (S_ISDIR(status.st_mode)) fail(name, "a directory was given where an image is needed");
  if (!S_ISREG(status.st_mode)) fail(name, "not a regular file");
  if (status.st_size == 0) fail(name, "the image file is empty");
  if (static_cast<std::uint64_t>(status.st_size) > kMaxImageFileBytes)
    fail(name,
         "the image file has " + std::to_string(status.st_size) +
             " bytes, more than the limit of " + std::to_string(kMaxImageFileBytes),
         "Give a smaller image");
  std::vector<std::byte> bytes(static_cast<std::size_t>(status.st_size));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::read(descriptor.get(), bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(name, std::string("reading the image failed: ") + std::strerror(errno), "");
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  bytes.resize(done);
  return bytes;
}

struct Signature {
  std::string_view bytes;
  std::string_view format;
};
// Formats that people have lying about: known only to say what the file is.
constexpr std::array<Signature, 8> kUnsupported{{
    {"GIF8", "GIF"},
    {"BM", "BMP"},
    {"RIFF", "RIFF (WebP or WAV)"},
    {std::string_view("II*\0", 4), "TIFF"},
    {std::string_view("MM\0*", 4), "TIFF"},
    {"version https://git-lfs", "git-lfs pointer: run `git lfs pull` to fetch the image"},
    {"%PDF", "PDF"},
    {"<svg", "SVG"},
}};

}  // namespace

namespace codecs {

void check_dimensions(std::int64_t width, std::int64_t height, const std::string& name) {
  const std::string size = std::to_string(width) + " x " + std::to_string(height);
  if (width <= 0 || height <= 0) fail(name, "the image has no pixels (" + size + ")");
  if (width > kMaxImageSide || height > kMaxImageSide || width * height > kMaxImagePixels)
    fail(name,
         "the image is too large: " + size + "; the limits are " + std::to_string(kMaxImageSide) +
             " pixels a side and " + std::to_string(kMaxImagePixels / 1'000'000) +
             " million in all",
         "Scale the image down");
}

}  // namespace codecs

bool has_image_extension(const std::filesystem::path& file) {
  std::string extension = file.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension == ".png" || extension == ".jpg" || extension == ".jpeg";
}

Image decode_image(std::span<const std::byte> bytes, const std::string& name) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.starts_with("\x89PNG\r\n\x1a\n")) return codecs::decode_png(bytes, name);
  if (text.starts_with("\xff\xd8\xff")) return codecs::decode_jpeg(bytes, name);
  for (const Signature& known : kUnsupported)
    if (text.starts_with(known.bytes))
      fail(name, "not a supported image format: this is " + std::string(known.format));
  fail(name, "not an image: it begins neither as PNG nor as JPEG");
}

Image read_image(const std::filesystem::path& file) {
  return decode_image(read_bytes(file), file.string());
}

}  // namespace switchyard
