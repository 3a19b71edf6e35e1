// Checkpoints for tests of what happens to weights: huge ones that take no room on the disk, and
// 16-bit copies of others.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace switchyard {

struct WeightSpec {
  std::string name;
  std::vector<std::int64_t> shape;
};

// safetensors of `dtype` (F32, F16, BF16). The first 64 KiB of each tensor hold small numbers that
// depend on `seed`, the rest is a hole in the file, which reads as zeros.
void write_sparse_checkpoint(const std::filesystem::path& file, const std::string& dtype,
                             const std::vector<WeightSpec>& tensors, int seed = 0);

// Whether files in `directory` may have holes.
bool keeps_holes(const std::filesystem::path& directory);

// Bytes on the disk of everything below `directory`, files with several names counted once.
std::uint64_t disk_use(const std::filesystem::path& directory);

// Copies a checkpoint's directory, its float32 tensors narrowed to `dtype` (F16, BF16).
void narrow_checkpoint(const std::filesystem::path& from, const std::filesystem::path& to,
                       const std::string& dtype);

}  // namespace switchyard
