#include "stages/hub/blob_draft.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "engine/error.h"

namespace switchyard {

namespace fs = std::filesystem;

BlobDraft::BlobDraft(const fs::path& blob) : blob_(blob), draft_(blob) {
  draft_ += ".incomplete";
  // A link in its place would lead the writing elsewhere.
  descriptor_ = ::open(draft_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (descriptor_ < 0) fail(errno);
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) {
    const int reason = errno;
    ::close(descriptor_);
    fail(reason);
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

BlobDraft::~BlobDraft() { ::close(descriptor_); }

void BlobDraft::fail(int reason) const {
  const bool full = reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
  throw Error(ErrorKind::kModel, Place{draft_.string()},
              std::string("can't be written: ") + std::strerror(reason),
              full ? "Make room on that disk, or set HF_HUB_CACHE to a directory on another; run "
                     "again, it goes on where it stopped"
                   : "Set HF_HUB_CACHE to a directory that can be written");
}

void BlobDraft::require_room(std::uint64_t size) const {
  std::error_code error;
  const fs::space_info space = fs::space(draft_.parent_path(), error);
  if (error || size <= size_ || size - size_ <= space.available) return;
  constexpr std::uint64_t kMebibyte = 1 << 20;
  throw Error(ErrorKind::kModel, Place{draft_.parent_path().string()},
              "has no room for the download: " + std::to_string((size - size_) / kMebibyte) +
                  " MiB are needed and " + std::to_string(space.available / kMebibyte) +
                  " MiB are free",
              "Make room on that disk, or set HF_HUB_CACHE to a directory on another");
}

void BlobDraft::append(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written =
        ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(errno);
    size_ += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void BlobDraft::restart() {
  if (::ftruncate(descriptor_, 0) != 0) fail(errno);
  size_ = 0;
}

void BlobDraft::publish() {
  // Before the rename: after a power cut the final name must not stand for missing bytes.
  if (::fsync(descriptor_) != 0) fail(errno);
  if (::rename(draft_.c_str(), blob_.c_str()) != 0) fail(errno);
}

}  // namespace switchyard
