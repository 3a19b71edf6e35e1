// The zip archive that torch.save writes since PyTorch 1.6, as a list of entries: ROOT/data.pkl (a
// pickle), ROOT/data/0, ROOT/data/1, ... (raw storages, not compressed), ROOT/byteorder,
// ROOT/version. Zip itself: APPNOTE.TXT of PKWARE, with ZIP64.
//
// The directory is read here, bytes are unpacked by zlib. Rejected: libzip, which doesn't tell where
// an entry's bytes lie, so that nothing could be used in place; minizip 1.1 (Debian 12), which reads
// no ZIP64 sizes, so that a storage above 4 GB has none.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace switchyard::torch {

struct ArchiveEntry {
  std::uint64_t offset = 0;  // of the entry's first byte in the archive
  std::uint64_t packed = 0;  // bytes from there on; all lie within the archive
  std::uint64_t bytes = 0;   // unpacked; equals `packed` when it isn't compressed
  std::uint32_t crc = 0;     // CRC-32 of the unpacked bytes, as the archive says
  bool compressed = false;
};

// Only looks at the archive's directory; entries are read when they are asked for.
class Archive {
 public:
  using Entries = std::map<std::string, ArchiveEntry, std::less<>>;

  // `bytes`: the whole file; must outlive the archive. `file`: for messages.
  // Throws Error(kModel): no zip archive, truncated, anything behind its end, encrypted or unknown
  // compression, two entries of one name, entries outside a common root folder, beyond the file's
  // end, or over each other.
  Archive(std::span<const std::byte> bytes, std::string file);

  // By name without the root folder: "data.pkl", "data/0".
  const Entries& entries() const { return entries_; }
  const ArchiveEntry* find(std::string_view name) const;  // null when not there

  // The entry's bytes in the archive. Precondition: not compressed.
  std::span<const std::byte> view(const ArchiveEntry& entry) const;
  // Unpacks an entry piece by piece; at most `entry.bytes` are given.
  // Throws Error(kModel): damaged data, other bytes than the archive's CRC-32 says.
  void unpack(const ArchiveEntry& entry,
              const std::function<void(std::span<const std::byte>)>& take) const;

 private:
  std::span<const std::byte> bytes_;
  std::string file_;
  Entries entries_;
};

}  // namespace switchyard::torch
