#include "stages/weights/torch/archive.h"

#include <zlib.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "engine/error.h"
#include "engine/text.h"

namespace switchyard::torch {
namespace {

constexpr std::uint64_t kMostEntries = 1'000'000;
constexpr std::uint64_t kLongestName = 1024;

// Signatures and sizes of APPNOTE.TXT 4.3.
constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::uint64_t kLocalSize = 30;
constexpr std::uint32_t kCentralSignature = 0x02014b50;
constexpr std::uint64_t kCentralSize = 46;
constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint64_t kEndSize = 22;
constexpr std::uint32_t kLocatorSignature = 0x07064b50;
constexpr std::uint64_t kLocatorSize = 20;
constexpr std::uint32_t kEnd64Signature = 0x06064b50;
constexpr std::uint64_t kEnd64Size = 56;

constexpr std::uint64_t kIn64 = 0xFFFFFFFF;  // the value stands in the ZIP64 field
constexpr std::uint16_t kZip64Field = 1;
constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kDeflated = 8;
constexpr std::uint16_t kEncrypted = 1;

class Directory {
 public:
  Directory(std::span<const std::byte> bytes, const std::string& file)
      : bytes_(bytes), file_(file) {}

  Archive::Entries read() {
    find();
    Archive::Entries entries;
    std::string root;
    for (std::uint64_t i = 0; i < count_; ++i) {
      auto [name, entry] = read_entry();
      const std::size_t slash = name.find('/');
      if (slash == name.npos || (!root.empty() && name.compare(0, slash, root) != 0)) {
        fail_entry(name, "outside the one folder that torch.save makes");
      }
      root = name.substr(0, slash);
      if (!entries.emplace(name.substr(slash + 1), entry).second) fail_entry(name, "twice");
    }
    check_overlaps();
    return entries;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::kModel, Place{file_}, what,
                "Download the file again, or save it again with torch.save");
  }
  [[noreturn]] void fail_entry(std::string_view name, const std::string& what) const {
    fail("has the zip entry `" + shorten(name, 80) + "` " + what);
  }

  bool has(std::uint64_t at, std::uint64_t size) const {
    return size <= bytes_.size() && at <= bytes_.size() - size;
  }
  // Precondition: has(at, size).
  std::uint64_t number(std::uint64_t at, std::uint64_t size) const {
    std::uint64_t value = 0;
    for (std::uint64_t i = size; i-- > 0;) {
      value = value << 8 | static_cast<std::uint64_t>(bytes_[at + i]);
    }
    return value;
  }
  std::string_view text(std::uint64_t at, std::uint64_t size) const {
    return {reinterpret_cast<const char*>(bytes_.data()) + at, size};
  }

  // Where the directory is. torch.save puts nothing behind the end record, so that a file that
  // stopped short is always noticed.
  void find() {
    const auto truncated = [&] {
      fail("is not a whole zip archive: it doesn't end with a directory, so it is truncated");
    };
    if (!has(0, kEndSize)) truncated();
    const std::uint64_t end = bytes_.size() - kEndSize;
    if (number(end, 4) != kEndSignature || number(end + 20, 2) != 0) truncated();
    count_ = number(end + 10, 2);
    std::uint64_t size = number(end + 12, 4);
    at_ = number(end + 16, 4);
    limit_ = end;
    if (end >= kLocatorSize && number(end - kLocatorSize, 4) == kLocatorSignature) {
      const std::uint64_t end64 = number(end - kLocatorSize + 8, 8);
      if (!has(end64, kEnd64Size) || number(end64, 4) != kEnd64Signature) {
        fail("has a damaged zip directory");
      }
      count_ = number(end64 + 32, 8);
      size = number(end64 + 40, 8);
      at_ = number(end64 + 48, 8);
      limit_ = end64;
    }
    if (at_ > limit_ || size > limit_ - at_) fail("has a damaged zip directory");
    limit_ = at_ + size;
    start_ = at_;
    if (count_ > kMostEntries) {
      fail("claims " + std::to_string(count_) + " zip entries, more than any checkpoint has");
    }
  }

  std::pair<std::string, ArchiveEntry> read_entry() {
    if (limit_ - at_ < kCentralSize || number(at_, 4) != kCentralSignature) {
      fail("has a damaged zip directory");
    }
    const std::uint64_t record = at_;
    const std::uint64_t flags = number(record + 8, 2);
    const std::uint64_t method = number(record + 10, 2);
    const std::uint64_t name_size = number(record + 28, 2);
    const std::uint64_t extra_size = number(record + 30, 2);
    const std::uint64_t all = kCentralSize + name_size + extra_size + number(record + 32, 2);
    if (all > limit_ - at_) fail("has a damaged zip directory");
    if (name_size > kLongestName) fail("has a zip entry with an endless name");
    at_ += all;

    std::string name(text(record + kCentralSize, name_size));
    if ((flags & kEncrypted) != 0) fail_entry(name, "encrypted");
    if (method != kStored && method != kDeflated) {
      fail_entry(name, "in the unknown compression " + std::to_string(method));
    }
    ArchiveEntry entry;
    entry.crc = static_cast<std::uint32_t>(number(record + 16, 4));
    entry.packed = number(record + 20, 4);
    entry.bytes = number(record + 24, 4);
    entry.compressed = method == kDeflated;
    std::uint64_t local = number(record + 42, 4);
    read_zip64(name, record + kCentralSize + name_size, extra_size, entry, local);
    if (!entry.compressed && entry.packed != entry.bytes) {
      fail_entry(name, "with two different sizes");
    }
    place(name, method, local, entry);
    return {std::move(name), entry};
  }

  // Values that 32 bits don't hold, in this order, each only where its 32 bits say so.
  void read_zip64(const std::string& name, std::uint64_t at, std::uint64_t size,
                  ArchiveEntry& entry, std::uint64_t& local) const {
    std::vector<std::uint64_t*> wanted;
    for (std::uint64_t* value : {&entry.bytes, &entry.packed, &local}) {
      if (*value == kIn64) wanted.push_back(value);
    }
    if (wanted.empty()) return;
    while (size >= 4) {
      const std::uint64_t id = number(at, 2);
      const std::uint64_t length = number(at + 2, 2);
      if (length > size - 4) break;
      if (id == kZip64Field && length >= wanted.size() * 8) {
        for (std::size_t i = 0; i < wanted.size(); ++i) *wanted[i] = number(at + 4 + i * 8, 8);
        return;
      }
      at += 4 + length;
      size -= 4 + length;
    }
    fail_entry(name, "without its sizes");
  }

  // The entry's bytes begin behind its own header, whose length only it knows.
  void place(const std::string& name, std::uint64_t method, std::uint64_t local,
             ArchiveEntry& entry) {
    if (local > start_ || start_ - local < kLocalSize) {
      fail_entry(name, "behind the file's end: it is truncated");
    }
    const std::uint64_t name_size = number(local + 26, 2);
    const std::uint64_t before = kLocalSize + name_size + number(local + 28, 2);
    if (number(local, 4) != kLocalSignature || number(local + 8, 2) != method ||
        before > start_ - local || text(local + kLocalSize, name_size) != name) {
      fail_entry(name, "whose own header differs from the directory");
    }
    entry.offset = local + before;
    if (entry.packed > start_ - entry.offset) {
      fail_entry(name, "that ends behind the file's end: it is truncated");
    }
    taken_.emplace_back(local, entry.offset + entry.packed);
  }

  // A small file whose entries share their bytes could claim any size.
  void check_overlaps() {
    std::sort(taken_.begin(), taken_.end());
    for (std::size_t i = 1; i < taken_.size(); ++i) {
      if (taken_[i].first < taken_[i - 1].second) fail("has zip entries that lie over each other");
    }
  }

  std::span<const std::byte> bytes_;
  const std::string& file_;
  std::uint64_t count_ = 0;
  std::uint64_t start_ = 0, at_ = 0, limit_ = 0;  // of the directory: begin, place, end
  std::vector<std::pair<std::uint64_t, std::uint64_t>> taken_;  // begin and end of each entry
};

}  // namespace

Archive::Archive(std::span<const std::byte> bytes, std::string file)
    : bytes_(bytes), file_(std::move(file)), entries_(Directory(bytes, file_).read()) {}

const ArchiveEntry* Archive::find(std::string_view name) const {
  const auto at = entries_.find(name);
  return at != entries_.end() ? &at->second : nullptr;
}

std::span<const std::byte> Archive::view(const ArchiveEntry& entry) const {
  return bytes_.subspan(entry.offset, entry.bytes);
}

void Archive::unpack(const ArchiveEntry& entry,
                     const std::function<void(std::span<const std::byte>)>& take) const {
  const std::span<const std::byte> packed = bytes_.subspan(entry.offset, entry.packed);
  if (!entry.compressed) return take(packed);
  const auto damaged = [&] {
    throw Error(ErrorKind::kModel, Place{file_}, "has damaged compressed data",
                "Download the file again");
  };
  constexpr std::size_t kPiece = 1 << 16;
  constexpr std::uint64_t kMostInput = 1 << 30;  // zlib counts in 32 bits
  const auto piece = std::make_unique<std::byte[]>(kPiece);
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, inflateEnd);
  std::uint64_t read = 0, done = 0;
  uLong crc = crc32(0, nullptr, 0);
  for (int status = Z_OK; status != Z_STREAM_END;) {
    if (stream.avail_in == 0) {
      const auto size = static_cast<uInt>(std::min(packed.size() - read, kMostInput));
      // zlib doesn't write to its input.
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data() + read));
      stream.avail_in = size;
      read += size;
    }
    stream.next_out = reinterpret_cast<Bytef*>(piece.get());
    stream.avail_out = kPiece;
    status = inflate(&stream, Z_NO_FLUSH);
    const std::size_t got = kPiece - stream.avail_out;
    done += got;
    // No progress is an error of its own: the data ended too early.
    if ((status != Z_OK && status != Z_STREAM_END) || done > entry.bytes) damaged();
    crc = crc32(crc, reinterpret_cast<const Bytef*>(piece.get()), static_cast<uInt>(got));
    take({piece.get(), got});
  }
  if (done != entry.bytes || crc != entry.crc) damaged();
}

}  // namespace switchyard::torch
