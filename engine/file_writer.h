// Writes a new file piece by piece; parts of other files come from windows of them, so that memory
// stays small whatever their size. Holes of sparse files stay holes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "engine/error.h"

namespace switchyard {

// The file is removed when the writer is destroyed before close(). Throws Error(kModel) naming the
// file when it can't be written.
class FileWriter {
 public:
  explicit FileWriter(std::filesystem::path path);
  FileWriter(const FileWriter&) = delete;
  ~FileWriter();

  void append(std::string_view bytes);
  // A hole where the file system has them.
  void append_zeros(std::uint64_t bytes);
  // `bytes` of `source` from `offset` on.
  void append_file(const std::filesystem::path& source, std::uint64_t offset, std::uint64_t bytes);
  void close();

 private:
  [[noreturn]] void fail() const;
  [[noreturn]] static void fail_source(const std::filesystem::path& source);
  void flush();
  int open_source(const std::filesystem::path& source);

  std::filesystem::path path_;
  int file_ = -1;
  std::string buffer_;
  std::filesystem::path source_path_;
  int source_ = -1;
};

}  // namespace switchyard
