#include "tests/cli/weight_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <set>

#include "engine/value.h"
#include "stages/checkpoint/safetensors.h"
#include "stages/export/graph/half.h"
#include "tests/support/temporary_directory.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

void append(std::string& bytes, const std::string& dtype, float value) {
  const auto put = [&](const auto& stored) {
    bytes.append(reinterpret_cast<const char*>(&stored), sizeof stored);
  };
  if (dtype == "F16") return put(graph::float_to_half(value));
  if (dtype == "BF16") return put(graph::float_to_bfloat16(value));
  put(value);
}

struct Entry {
  std::string name;
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::uint64_t bytes = 0;
};

// The length field and the header; data follows in the order of `entries`.
std::string header_of(const std::vector<Entry>& entries) {
  Map header;
  std::uint64_t begin = 0;
  for (const Entry& entry : entries) {
    header.set(entry.name, Map{{"dtype", entry.dtype},
                               {"shape", List(entry.shape.begin(), entry.shape.end())},
                               {"data_offsets", List{begin, begin + entry.bytes}}});
    begin += entry.bytes;
  }
  const std::string text = Value(header).to_json();
  const std::uint64_t length = text.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof length) + text;
}

std::uint64_t blocks_of(const fs::path& file) {
  struct stat status {};
  return stat(file.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_blocks) * 512 : 0;
}

}  // namespace

void write_sparse_checkpoint(const fs::path& file, const std::string& dtype,
                             const std::vector<WeightSpec>& tensors, int seed) {
  constexpr std::uint64_t kFilled = 64 * 1024;
  const std::uint64_t size = dtype == "F32" ? 4 : 2;
  std::vector<Entry> entries;
  for (const WeightSpec& tensor : tensors) {
    std::uint64_t bytes = size;
    for (const std::int64_t dim : tensor.shape) bytes *= static_cast<std::uint64_t>(dim);
    entries.push_back({tensor.name, dtype, tensor.shape, bytes});
  }
  fs::create_directories(file.parent_path());
  std::ofstream stream(file, std::ios::binary);
  const std::string header = header_of(entries);
  stream << header;
  std::uint64_t at = header.size();
  for (const Entry& entry : entries) {
    std::string bytes;
    for (std::uint64_t i = 0; i < std::min(entry.bytes, kFilled) / size; ++i) {
      append(bytes, dtype, static_cast<float>((i * 37 + seed) % 33) / 64.0f - 0.25f);
    }
    stream.seekp(static_cast<std::streamoff>(at));
    stream << bytes;
    at += entry.bytes;
  }
  stream.close();
  fs::resize_file(file, at);
}

bool keeps_holes(const fs::path& directory) {
  constexpr std::uint64_t kProbe = 16 << 20;
  const fs::path file = directory / "probe";
  write_text(file, "x");
  fs::resize_file(file, kProbe);
  const bool kept = blocks_of(file) < kProbe / 2;
  fs::remove(file);
  return kept;
}

std::uint64_t disk_use(const fs::path& directory) {
  std::uint64_t bytes = 0;
  std::set<ino_t> seen;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    struct stat status {};
    if (stat(entry.path().c_str(), &status) == 0 && seen.insert(status.st_ino).second) {
      bytes += static_cast<std::uint64_t>(status.st_blocks) * 512;
    }
  }
  return bytes;
}

void narrow_checkpoint(const fs::path& from, const fs::path& to, const std::string& dtype) {
  fs::create_directories(to);
  for (const auto& entry : fs::directory_iterator(from)) {
    if (entry.is_regular_file() && entry.path().extension() != ".safetensors") {
      fs::copy_file(entry.path(), to / entry.path().filename());
    }
  }
  const Weights weights = Weights::open(from / "model.safetensors");
  std::vector<Entry> entries;
  std::string data;
  for (const StoredTensor& tensor : weights.tensors()) {
    const auto stored = weights.data(tensor);
    const std::size_t begin = data.size();
    const bool narrowed = tensor.dtype == Dtype::kF32;
    if (narrowed) {
      for (std::size_t i = 0; i < stored.size(); i += sizeof(float)) {
        float value = 0;
        std::memcpy(&value, stored.data() + i, sizeof value);
        append(data, dtype, value);
      }
    } else {
      data.append(reinterpret_cast<const char*>(stored.data()), stored.size());
    }
    entries.push_back({tensor.name, narrowed ? dtype : std::string(dtype_name(tensor.dtype)),
                       tensor.shape, data.size() - begin});
  }
  write_text(to / "model.safetensors", header_of(entries) + data);
}

}  // namespace switchyard
