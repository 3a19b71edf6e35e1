#include "stages/weights/torch/archive.h"

#include <minizip/unzip.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <utility>

#include "engine/error.h"
#include "engine/text.h"

namespace switchyard::torch {
namespace {

constexpr std::uint64_t kMostEntries = 1'000'000;
constexpr std::size_t kLongestName = 1024;
constexpr int kStored = 0;
constexpr int kEncryptedFlag = 1;

// What minizip reads from: bytes in memory and a position.
struct Memory {
  std::span<const std::byte> bytes;
  std::uint64_t at = 0;
};

void* open_memory(void* opaque, const void*, int) { return opaque; }
int close_memory(void*, void*) { return 0; }
int no_error(void*, void*) { return 0; }
ZPOS64_T tell_memory(void*, void* stream) { return static_cast<Memory*>(stream)->at; }

uLong read_memory(void*, void* stream, void* to, uLong size) {
  Memory& memory = *static_cast<Memory*>(stream);
  const std::uint64_t left = memory.bytes.size() - memory.at;
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(size, left));
  if (count != 0) std::memcpy(to, memory.bytes.data() + memory.at, count);
  memory.at += count;
  return count;
}

long seek_memory(void*, void* stream, ZPOS64_T offset, int origin) {
  Memory& memory = *static_cast<Memory*>(stream);
  std::uint64_t base = 0;
  if (origin == ZLIB_FILEFUNC_SEEK_CUR) base = memory.at;
  if (origin == ZLIB_FILEFUNC_SEEK_END) base = memory.bytes.size();
  std::uint64_t to = 0;
  if (__builtin_add_overflow(base, offset, &to) || to > memory.bytes.size()) return -1;
  memory.at = to;
  return 0;
}

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : memory_{bytes} {
    zlib_filefunc64_def functions{};
    functions.zopen64_file = open_memory;
    functions.zread_file = read_memory;
    functions.ztell64_file = tell_memory;
    functions.zseek64_file = seek_memory;
    functions.zclose_file = close_memory;
    functions.zerror_file = no_error;
    functions.opaque = &memory_;
    zip_ = unzOpen2_64("", &functions);
  }
  Reader(const Reader&) = delete;
  ~Reader() {
    if (zip_ != nullptr) unzClose(zip_);
  }
  unzFile zip() const { return zip_; }

 private:
  Memory memory_;
  unzFile zip_ = nullptr;
};

[[noreturn]] void fail(const std::string& file, std::string what) {
  throw Error(ErrorKind::kModel, Place{file}, std::move(what),
              "Download the file again, or save it again with torch.save");
}

}  // namespace

Archive::Archive(std::span<const std::byte> bytes, std::string file)
    : bytes_(bytes), file_(std::move(file)) {
  const Reader reader(bytes);
  if (reader.zip() == nullptr) {
    fail(file_, "is not a whole zip archive: it has no directory at its end, so it is truncated");
  }
  unz_global_info64 global{};
  if (unzGetGlobalInfo64(reader.zip(), &global) != UNZ_OK || global.number_entry > kMostEntries) {
    fail(file_, "claims " + std::to_string(global.number_entry) +
                    " entries in its zip archive, more than any checkpoint has");
  }
  std::string root;
  int step = global.number_entry == 0 ? UNZ_END_OF_LIST_OF_FILE : unzGoToFirstFile(reader.zip());
  for (; step == UNZ_OK; step = unzGoToNextFile(reader.zip())) {
    unz_file_info64 info{};
    std::array<char, kLongestName + 1> name_bytes{};
    if (unzGetCurrentFileInfo64(reader.zip(), &info, name_bytes.data(), kLongestName, nullptr, 0,
                                nullptr, 0) != UNZ_OK) {
      fail(file_, "has a damaged zip directory");
    }
    if (info.size_filename > kLongestName) fail(file_, "has a zip entry with an endless name");
    const std::string_view name(name_bytes.data(), info.size_filename);
    const std::string shown = "zip entry `" + shorten(name, 80) + "`";
    const std::size_t slash = name.find('/');
    if (slash == name.npos || (!root.empty() && name.substr(0, slash) != root)) {
      fail(file_, "has the " + shown + " outside the one folder that torch.save makes");
    }
    root = name.substr(0, slash);
    if ((info.flag & kEncryptedFlag) != 0) fail(file_, "has the encrypted " + shown);
    if (info.compression_method != kStored && info.compression_method != Z_DEFLATED) {
      fail(file_, "has the " + shown + " in the unknown compression " +
                      std::to_string(info.compression_method));
    }
    // Raw: nothing is unpacked. minizip compares the entry's own header with the directory.
    int method = 0, level = 0;
    if (unzOpenCurrentFile2(reader.zip(), &method, &level, 1) != UNZ_OK) {
      fail(file_, "has the " + shown + ", whose own header differs from the directory");
    }
    unz64_file_pos where{};
    ArchiveEntry entry;
    entry.offset = unzGetCurrentFileZStreamPos64(reader.zip());
    unzCloseCurrentFile(reader.zip());
    if (unzGetFilePos64(reader.zip(), &where) != UNZ_OK) fail(file_, "has a damaged zip directory");
    entry.packed = info.compressed_size;
    entry.bytes = info.uncompressed_size;
    entry.crc = static_cast<std::uint32_t>(info.crc);
    entry.compressed = info.compression_method != kStored;
    entry.directory_offset = where.pos_in_zip_directory;
    entry.number = where.num_of_file;
    if (entry.packed > bytes.size() || entry.offset > bytes.size() - entry.packed) {
      fail(file_, "has the " + shown + ", which ends behind the file's end: it is truncated");
    }
    if (!entry.compressed && entry.packed != entry.bytes) {
      fail(file_, "has the " + shown + " with two different sizes");
    }
    if (!entries_.emplace(std::string(name.substr(slash + 1)), entry).second) {
      fail(file_, "has the " + shown + " twice");
    }
  }
  if (step != UNZ_END_OF_LIST_OF_FILE) fail(file_, "has a damaged zip directory");
}

const ArchiveEntry* Archive::find(std::string_view name) const {
  const auto at = entries_.find(name);
  return at != entries_.end() ? &at->second : nullptr;
}

std::span<const std::byte> Archive::view(const ArchiveEntry& entry) const {
  return bytes_.subspan(entry.offset, entry.bytes);
}

void Archive::unpack(const ArchiveEntry& entry,
                     const std::function<void(std::span<const std::byte>)>& take) const {
  const Reader reader(bytes_);
  unz64_file_pos where{entry.directory_offset, entry.number};
  if (reader.zip() == nullptr || unzGoToFilePos64(reader.zip(), &where) != UNZ_OK ||
      unzOpenCurrentFile(reader.zip()) != UNZ_OK) {
    fail(file_, "has a damaged zip directory");
  }
  constexpr std::size_t kPiece = 1 << 16;
  const auto piece = std::make_unique<std::byte[]>(kPiece);
  std::uint64_t done = 0;
  int got = 0;
  while ((got = unzReadCurrentFile(reader.zip(), piece.get(), kPiece)) > 0) {
    done += static_cast<std::uint64_t>(got);
    if (done > entry.bytes) break;
    take({piece.get(), static_cast<std::size_t>(got)});
  }
  // Only now does minizip compare the checksum.
  if (unzCloseCurrentFile(reader.zip()) != UNZ_OK || got != 0 || done != entry.bytes) {
    fail(file_, "has damaged compressed data");
  }
}

}  // namespace switchyard::torch
