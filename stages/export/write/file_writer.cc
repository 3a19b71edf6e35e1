#include "stages/export/write/file_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace switchyard {
namespace {

constexpr std::size_t kBuffer = std::size_t{1} << 20;

void write_all(int file, const char* data, std::size_t size, bool& ok) {
  while (size > 0 && ok) {
    const ssize_t written = write(file, data, size);
    if (written < 0 && errno == EINTR) continue;
    ok = written > 0;
    if (ok) {
      data += written;
      size -= static_cast<std::size_t>(written);
    }
  }
}

}  // namespace

FileWriter::FileWriter(std::filesystem::path path) : path_(std::move(path)) {
  file_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file_ < 0) fail();
}

FileWriter::~FileWriter() {
  if (source_ >= 0) ::close(source_);
  if (file_ < 0) return;
  ::close(file_);
  unlink(path_.c_str());
}

void FileWriter::fail() const {
  throw Error(ErrorKind::kModel, {path_.string()},
              std::string("can't be written: ") + std::strerror(errno),
              "Check the directory's permissions and the free space");
}

void FileWriter::flush() {
  bool ok = true;
  write_all(file_, buffer_.data(), buffer_.size(), ok);
  if (!ok) fail();
  buffer_.clear();
}

void FileWriter::append(std::string_view bytes) {
  if (buffer_.size() + bytes.size() > kBuffer) flush();
  if (bytes.size() < kBuffer) {
    buffer_ += bytes;
    return;
  }
  bool ok = true;
  write_all(file_, bytes.data(), bytes.size(), ok);
  if (!ok) fail();
}

int FileWriter::open_source(const std::filesystem::path& source) {
  if (source_ >= 0 && source == source_path_) return source_;
  if (source_ >= 0) ::close(source_);
  source_ = open(source.c_str(), O_RDONLY | O_CLOEXEC);
  if (source_ < 0) {
    throw Error(ErrorKind::kModel, {source.string()},
                std::string("can't be read: ") + std::strerror(errno));
  }
  source_path_ = source;
  return source_;
}

void FileWriter::append_file(const std::filesystem::path& source, std::uint64_t offset,
                             std::uint64_t bytes) {
  const int in = open_source(source);
  flush();
  auto from = static_cast<off_t>(offset);
  // copy_file_range saves the way through user space; not every file system pair has it.
  while (bytes > 0) {
    const ssize_t copied = copy_file_range(in, &from, file_, nullptr, bytes, 0);
    if (copied < 0 && errno == EINTR) continue;
    if (copied <= 0) break;
    bytes -= static_cast<std::uint64_t>(copied);
  }
  std::string piece;
  while (bytes > 0) {
    piece.resize(std::min<std::uint64_t>(bytes, kBuffer));
    const ssize_t got = pread(in, piece.data(), piece.size(), from);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      throw Error(ErrorKind::kModel, {source.string()}, "became shorter while it was read",
                  "Is another program writing it");
    }
    bool ok = true;
    write_all(file_, piece.data(), static_cast<std::size_t>(got), ok);
    if (!ok) fail();
    from += got;
    bytes -= static_cast<std::uint64_t>(got);
  }
}

void FileWriter::close() {
  flush();
  const int file = file_;
  file_ = -1;
  if (::close(file) != 0) {
    unlink(path_.c_str());
    fail();
  }
}

}  // namespace switchyard
