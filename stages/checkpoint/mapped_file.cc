#include "stages/checkpoint/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "engine/error.h"

namespace switchyard {
namespace {

constexpr std::uint64_t kTextLimit = 64ull << 20;
constexpr std::string_view kLfsStart = "version https://git-lfs.github.com/spec";

// An open file that is closed when it goes out of scope.
class OpenFile {
 public:
  explicit OpenFile(const std::filesystem::path& file)
      : fd_(::open(file.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (fd_ < 0) fail(file, errno);
    struct stat status;
    if (::fstat(fd_, &status) != 0) {
      const int reason = errno;
      ::close(fd_);
      fail(file, reason);
    }
    if (!S_ISREG(status.st_mode)) {
      ::close(fd_);
      throw Error(ErrorKind::kModel, Place{file.string()},
                  S_ISDIR(status.st_mode) ? "is a directory where a file is expected"
                                          : "is not a regular file");
    }
    size_ = static_cast<std::uint64_t>(status.st_size);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() { ::close(fd_); }

  int fd() const { return fd_; }
  std::uint64_t size() const { return size_; }

 private:
  [[noreturn]] static void fail(const std::filesystem::path& file, int reason) {
    const std::string why = std::strerror(reason);
    throw Error(ErrorKind::kModel, Place{file.string()}, "can't be read: " + why,
                reason == EACCES ? "Give yourself the right to read it" : "");
  }

  int fd_;
  std::uint64_t size_ = 0;
};

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& file) {
  const OpenFile open(file);
  if (open.size() == 0) return;
  void* const mapping = ::mmap(nullptr, open.size(), PROT_READ, MAP_PRIVATE, open.fd(), 0);
  if (mapping == MAP_FAILED) {
    throw Error(ErrorKind::kModel, Place{file.string()},
                std::string("can't be mapped into memory: ") + std::strerror(errno));
  }
  data_ = static_cast<const std::byte*>(mapping);
  size_ = open.size();
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

bool is_lfs_pointer(std::string_view start) { return start.starts_with(kLfsStart); }

void refuse_lfs_pointer(std::string_view start, const std::filesystem::path& file) {
  if (!is_lfs_pointer(start)) return;
  throw Error(ErrorKind::kModel, Place{file.string()},
              "is a git-lfs pointer: git cloned the repository without the file's content",
              "Run `git lfs pull` in that directory, or download the file again");
}

std::string read_text(const std::filesystem::path& file) {
  const OpenFile open(file);
  if (open.size() > kTextLimit) {
    throw Error(ErrorKind::kModel, Place{file.string()},
                "has " + std::to_string(open.size()) + " bytes, too many for a text of this kind");
  }
  std::string text(open.size(), '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t got = ::read(open.fd(), text.data() + done, text.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      throw Error(ErrorKind::kModel, Place{file.string()},
                  std::string("can't be read: ") + std::strerror(errno));
    }
    if (got == 0) break;  // it shrank while it was read
    done += static_cast<std::size_t>(got);
  }
  text.resize(done);
  refuse_lfs_pointer(text, file);
  return text;
}

}  // namespace switchyard
