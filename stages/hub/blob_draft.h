// A file of the cache while it is downloaded: blobs/ETAG.incomplete. It outlives the process, so
// that the next one goes on where this one was cut.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace switchyard {

// One writer at a time (FileLock).
class BlobDraft {
 public:
  // Opens or makes the draft of `blob`. Throws Error(kModel) when it can't be written.
  explicit BlobDraft(const std::filesystem::path& blob);
  ~BlobDraft();
  BlobDraft(const BlobDraft&) = delete;
  BlobDraft& operator=(const BlobDraft&) = delete;

  const std::filesystem::path& path() const { return draft_; }
  std::uint64_t size() const { return size_; }

  // Throws Error(kModel) with the mend for `size` bytes that the disk has no room for.
  void require_room(std::uint64_t size) const;
  // Throws Error(kModel): disk full and the like; what was written before stays.
  void append(std::span<const std::byte> bytes);
  // Empty again.
  void restart();
  // On disk, then under its final name. Throws Error(kModel).
  void publish();

 private:
  [[noreturn]] void fail(int reason) const;

  std::filesystem::path blob_;
  std::filesystem::path draft_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace switchyard
