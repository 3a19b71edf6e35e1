// A whole file, read-only, mapped into memory; and the reading of small text files with the checks
// that every file of a checkpoint wants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace switchyard {

// Owns one mapping. Movable, not copyable; the bytes may be read from any number of threads.
class MappedFile {
 public:
  // Throws Error(kModel): not there, a directory, no permission. An empty file maps to no bytes.
  explicit MappedFile(const std::filesystem::path& file);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  std::uint64_t size() const { return size_; }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

// True when these are the first bytes of a git-lfs pointer: the small text that git leaves in
// place of a large file which was never downloaded.
bool is_lfs_pointer(std::string_view start);

// Throws Error(kModel) with the mend when `start` is a git-lfs pointer's beginning.
void refuse_lfs_pointer(std::string_view start, const std::filesystem::path& file);

// The whole of a text file (at most 64 MiB).
// Throws Error(kModel): can't be read, too large, a git-lfs pointer.
std::string read_text(const std::filesystem::path& file);

}  // namespace switchyard
