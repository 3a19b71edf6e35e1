#include "stages/weights/safetensors_writer.h"

#include "engine/error.h"
#include "engine/value.h"

namespace switchyard {
namespace {

constexpr std::size_t kAlignment = 8;
constexpr std::size_t kHeaderLimit = 100'000'000;
constexpr const char* kMetadata = "__metadata__";

// The reference's order of types; higher ones stand first.
int rank(Dtype dtype) {
  switch (dtype) {
    case Dtype::kBool:
      return 0;
    case Dtype::kU8:
      return 1;
    case Dtype::kI8:
      return 2;
    case Dtype::kI16:
      return 3;
    case Dtype::kF16:
      return 4;
    case Dtype::kBF16:
      return 5;
    case Dtype::kI32:
      return 6;
    case Dtype::kF32:
      return 7;
    case Dtype::kF64:
      return 8;
    case Dtype::kI64:
      return 9;
  }
  return 0;
}

std::string quoted(const std::string& text) { return Value(text).to_json(); }

}  // namespace

bool stands_before(const SafetensorsEntry& a, const SafetensorsEntry& b) {
  return rank(a.dtype) != rank(b.dtype) ? rank(a.dtype) > rank(b.dtype) : a.name < b.name;
}

std::string safetensors_head(const std::vector<SafetensorsEntry>& entries,
                             const std::vector<std::pair<std::string, std::string>>& metadata) {
  std::string header = "{";
  if (!metadata.empty()) {
    header += quoted(kMetadata) + ":{";
    for (const auto& [key, value] : metadata) {
      if (header.back() != '{') header += ',';
      header += quoted(key) + ":" + quoted(value);
    }
    header += '}';
  }
  std::uint64_t offset = 0;
  for (const SafetensorsEntry& entry : entries) {
    if (entry.name == kMetadata) {
      throw Error(ErrorKind::kModel, {},
                  "a tensor is named `__metadata__`, which safetensors keeps for itself",
                  "Rename it in the checkpoint");
    }
    if (header.size() > 1) header += ',';
    header += quoted(entry.name) + ":{\"dtype\":\"" + std::string(dtype_name(entry.dtype)) +
              "\",\"shape\":[";
    for (std::size_t i = 0; i < entry.shape.size(); ++i) {
      header += (i ? "," : "") + std::to_string(entry.shape[i]);
    }
    header += "],\"data_offsets\":[" + std::to_string(offset) + ",";
    offset += entry.bytes;
    header += std::to_string(offset) + "]}";
  }
  header += '}';
  header.append((kAlignment - header.size() % kAlignment) % kAlignment, ' ');
  if (header.size() > kHeaderLimit) {
    throw Error(ErrorKind::kModel, {},
                "the names and shapes take " + std::to_string(header.size()) +
                    " bytes, more than safetensors allows",
                "Keep the checkpoint as it is");
  }
  std::string head;
  for (std::size_t i = 0; i < 8; ++i) {
    head += static_cast<char>(static_cast<std::uint64_t>(header.size()) >> 8 * i & 0xFF);
  }
  return head + header;
}

}  // namespace switchyard
