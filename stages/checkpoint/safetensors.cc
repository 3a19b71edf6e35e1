#include "stages/checkpoint/safetensors.h"

#include <span>
#include <string>
#include <utility>

#include "engine/digest.h"
#include "engine/error.h"
#include "stages/checkpoint/safetensors_header.h"

namespace switchyard {
namespace {

constexpr std::uint64_t kLengthField = 8;
// The format's own limit (the reference reader refuses longer headers).
constexpr std::uint64_t kHeaderLimit = 100'000'000;

[[noreturn]] void fail(const std::filesystem::path& file, std::string what) {
  throw Error(ErrorKind::kModel, Place{file.string()}, std::move(what),
              "Download the file again; the copy is incomplete or not a safetensors file");
}

}  // namespace

OpenedFile open_safetensors(const std::filesystem::path& path) {
  MappedFile mapping(path);
  const std::span<const std::byte> bytes = mapping.bytes();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.empty()) fail(path, "is empty");
  refuse_lfs_pointer(text, path);
  if (text.size() < kLengthField) {
    fail(path, "has " + std::to_string(text.size()) +
                   " bytes, too few for the length of a safetensors header: it is truncated");
  }
  std::uint64_t length = 0;
  for (std::size_t i = kLengthField; i-- > 0;) {
    length = length << 8 | static_cast<std::uint64_t>(bytes[i]);
  }
  if (length > kHeaderLimit) {
    fail(path, "claims a header of " + std::to_string(length) +
                   " bytes; safetensors allows 100 MB at most");
  }
  if (length > text.size() - kLengthField) {
    fail(path, "claims a header of " + std::to_string(length) + " bytes, but has only " +
                   std::to_string(text.size()) + " in all: it is truncated");
  }
  const std::uint64_t data_start = kLengthField + length;
  std::vector<StoredTensor> tensors = parse_safetensors_header(
      text.substr(kLengthField, length), data_start, text.size() - data_start, path.string());
  return {{canonical_path(path), mapping.size(), sha256_hex(bytes.first(data_start)),
           path.filename().string()},
          std::move(mapping),
          std::move(tensors)};
}

}  // namespace switchyard
