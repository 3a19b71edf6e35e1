#include "stages/checkpoint/weights.h"

#include <algorithm>
#include <array>
#include <map>
#include <system_error>
#include <utility>

#include "engine/error.h"
#include "engine/json.h"
#include "engine/text.h"
#include "stages/checkpoint/opened_file.h"
#include "stages/checkpoint/safetensors.h"

namespace switchyard {
namespace {

struct DtypeRow {
  Dtype dtype;
  std::string_view name;
  std::size_t bytes;
};
// In the order of the enum.
constexpr std::array<DtypeRow, 10> kDtypes{{{Dtype::kF64, "F64", 8},
                                            {Dtype::kF32, "F32", 4},
                                            {Dtype::kF16, "F16", 2},
                                            {Dtype::kBF16, "BF16", 2},
                                            {Dtype::kI64, "I64", 8},
                                            {Dtype::kI32, "I32", 4},
                                            {Dtype::kI16, "I16", 2},
                                            {Dtype::kI8, "I8", 1},
                                            {Dtype::kU8, "U8", 1},
                                            {Dtype::kBool, "BOOL", 1}}};

// Shard names as the index gives them: names of files beside it.
bool stays_inside(std::string_view name) {
  return !name.empty() && name.find('/') == name.npos && name.find('\\') == name.npos &&
         name.find('\0') == name.npos && name != "." && name != "..";
}

}  // namespace

std::filesystem::path canonical_path(const std::filesystem::path& file) {
  std::error_code error;
  std::filesystem::path path = std::filesystem::canonical(file, error);
  if (error) {
    throw Error(ErrorKind::kModel, Place{file.string()}, "can't be read: " + error.message());
  }
  return path;
}

std::size_t byte_size(Dtype dtype) { return kDtypes[static_cast<std::size_t>(dtype)].bytes; }
std::string_view dtype_name(Dtype dtype) { return kDtypes[static_cast<std::size_t>(dtype)].name; }

std::optional<Dtype> parse_dtype(std::string_view name) {
  for (const DtypeRow& row : kDtypes) {
    if (row.name == name) return row.dtype;
  }
  return {};
}

struct Weights::Impl {
  std::vector<WeightFile> files;
  std::vector<MappedFile> mappings;
  std::vector<StoredTensor> tensors;

  void take(OpenedFile opened) {
    for (StoredTensor& tensor : opened.tensors) {
      tensor.file = files.size();
      tensors.push_back(std::move(tensor));
    }
    files.push_back(std::move(opened.file));
    mappings.push_back(std::move(opened.mapping));
  }

  // Call once every file is taken.
  void sort() {
    std::sort(tensors.begin(), tensors.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
  }
};

Weights Weights::open(const std::filesystem::path& file) { return of(open_safetensors(file)); }

Weights Weights::open_sharded(const std::filesystem::path& index) {
  return open_shards(index, open_safetensors);
}

Weights Weights::of(OpenedFile file) {
  auto impl = std::make_shared<Impl>();
  impl->take(std::move(file));
  impl->sort();
  Weights weights;
  weights.impl_ = std::move(impl);
  return weights;
}

Weights Weights::open_shards(const std::filesystem::path& index, const FileOpener& open) {
  const auto refuse = [&](std::string what) {
    throw Error(ErrorKind::kModel, Place{index.string()}, std::move(what),
                "Download the checkpoint's directory again, whole");
  };
  const Value json = parse_json(read_text(index), index.string());
  const Value* const weight_map = json.find("weight_map");
  if (weight_map == nullptr || !weight_map->is_map()) refuse("has no `weight_map` object");

  std::map<std::string, std::size_t> shards;  // name -> index into files, by name order
  for (const auto& [tensor, shard] : weight_map->as_map()) {
    if (!shard.is_string() || !stays_inside(shard.as_string())) {
      refuse("places tensor `" + tensor + "` in " + shard.to_json() +
             ", which is not the name of a file beside it");
    }
    shards.emplace(shard.as_string(), 0);
  }
  std::vector<std::string> missing;
  for (const auto& [name, number] : shards) {
    std::error_code error;
    if (!std::filesystem::exists(index.parent_path() / name, error)) {
      missing.push_back("`" + name + "`");
    }
  }
  if (!missing.empty()) {
    const bool one = missing.size() == 1;
    refuse(std::string("names the shard") + (one ? " " : "s ") + join_names(missing) + ", which " +
           (one ? "is" : "are") + " not there");
  }
  auto impl = std::make_shared<Impl>();
  for (auto& [name, number] : shards) {
    number = impl->files.size();
    impl->take(open(index.parent_path() / name));
  }
  impl->sort();
  const auto& tensors = impl->tensors;
  const auto twice =
      std::adjacent_find(tensors.begin(), tensors.end(),
                         [](const auto& a, const auto& b) { return a.name == b.name; });
  if (twice != tensors.end()) refuse("has tensor `" + twice->name + "` in two shards");

  Weights weights;
  weights.impl_ = std::move(impl);
  for (const auto& [name, shard] : weight_map->as_map()) {
    const StoredTensor* const tensor = weights.find(name);
    if (tensor == nullptr || tensor->file != shards.at(shard.as_string())) {
      refuse("places tensor `" + name + "` in `" + shard.as_string() + "`, where it is not");
    }
  }
  return weights;
}

const std::vector<StoredTensor>& Weights::tensors() const { return impl_->tensors; }
const std::vector<WeightFile>& Weights::files() const { return impl_->files; }

const StoredTensor* Weights::find(std::string_view name) const {
  const auto& tensors = impl_->tensors;
  const auto at = std::lower_bound(tensors.begin(), tensors.end(), name,
                                   [](const auto& tensor, auto key) { return tensor.name < key; });
  return at != tensors.end() && at->name == name ? &*at : nullptr;
}

std::span<const std::byte> Weights::data(const StoredTensor& tensor) const {
  return impl_->mappings[tensor.file].bytes().subspan(tensor.offset, tensor.bytes);
}

}  // namespace switchyard
