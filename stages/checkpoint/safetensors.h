// safetensors: 8 bytes little-endian header length, a JSON header, raw bytes.
// https://github.com/huggingface/safetensors#format
//
// Everything the header claims is checked before a byte is used: its length, offsets that are in
// order, neither overlap nor leave holes, dtype, products of shapes, UTF-8, duplicate names.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

enum class Dtype { kF64, kF32, kF16, kBF16, kI64, kI32, kI16, kI8, kU8, kBool };
std::size_t byte_size(Dtype dtype);
std::string_view dtype_name(Dtype dtype);  // safetensors' spelling: "F32"
// Nothing when the spelling is not one of those.
std::optional<Dtype> parse_dtype(std::string_view name);

struct StoredTensor {
  std::string name;
  Dtype dtype = Dtype::kF32;
  std::vector<std::int64_t> shape;
  std::size_t file = 0;      // index into Weights::files()
  std::uint64_t offset = 0;  // from the start of the file
  std::uint64_t bytes = 0;
};

struct WeightFile {
  std::filesystem::path path;  // canonical: no symlink
  std::uint64_t size = 0;      // bytes
  std::string header_digest;   // hex SHA-256 of the length field and header
};

// Immutable and thread-safe; owns the mappings. Tensors are sorted by name.
class Weights {
 public:
  // Throws Error(kModel) naming file, tensor and reason.
  static Weights open(const std::filesystem::path& file);
  // A sharded checkpoint: `index` is model.safetensors.index.json, the shards lie beside it and may
  // not leave its directory. Throws Error(kModel): a shard missing, a tensor that is not in the
  // shard the index names, or in two shards.
  static Weights open_sharded(const std::filesystem::path& index);

  const std::vector<StoredTensor>& tensors() const;
  const StoredTensor* find(std::string_view name) const;  // null when not there
  const std::vector<WeightFile>& files() const;
  // The raw bytes in the mapping; nothing is read until they are touched.
  std::span<const std::byte> data(const StoredTensor& tensor) const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

}  // namespace switchyard
