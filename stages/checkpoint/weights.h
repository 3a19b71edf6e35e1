// The tensors of a checkpoint as they lie in its files: name, type, shape, and where the bytes are.
// Nothing is read until it is touched.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
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

// Row-major and little-endian, in one piece. Tied tensors share their bytes.
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
  // Hex SHA-256 of what describes the tensors: of a safetensors file the length field and header,
  // of a PyTorch file its pickle and the list of its entries.
  std::string header_digest;
  // The checkpoint's name for it, "model.safetensors"; a cache keeps the file itself under a digest.
  std::string name;
};

struct OpenedFile;  // opened_file.h
using FileOpener = std::function<OpenedFile(const std::filesystem::path&)>;

// Immutable and thread-safe; owns the mappings. Tensors are sorted by name.
class Weights {
 public:
  // One safetensors file. Throws Error(kModel) naming file, tensor and reason.
  static Weights open(const std::filesystem::path& file);
  // A sharded safetensors checkpoint: `index` is model.safetensors.index.json.
  // Throws Error(kModel) as open_shards.
  static Weights open_sharded(const std::filesystem::path& index);

  // A checkpoint of one file, whatever its format.
  static Weights of(OpenedFile file);
  // The files that `index` names under `weight_map`, each opened with `open`. They lie beside the
  // index: a name with a `/` is refused. A shard may be a symlink that leads elsewhere, because in a
  // Hugging Face cache every file is one; what it leads to is read, never written.
  // Throws Error(kModel): shards missing (all of them are named), a tensor that is not in the shard
  // the index names, or in two shards.
  static Weights open_shards(const std::filesystem::path& index, const FileOpener& open);

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
