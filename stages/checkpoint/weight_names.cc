#include "stages/checkpoint/weight_names.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <system_error>

#include "engine/error.h"
#include "engine/json.h"
#include "stages/checkpoint/mapped_file.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTable = "hub_download";
constexpr const char* kRow = "weights";
constexpr std::string_view kVariantMark = "{variant}";

[[noreturn]] void refuse_row(const Place& place) {
  throw Error(ErrorKind::kUsage, place,
              "the row 'weights' of hub_download is no list of {single, index} names",
              "Write each format as {single: NAME, index: NAME}");
}

std::string name_in(const Value& format, const char* key, const std::string& variant,
                    const Place& place) {
  const Value* const value = format.is_map() ? format.find(key) : nullptr;
  if (value == nullptr || !value->is_string()) refuse_row(place);
  std::string name = value->as_string();
  if (const auto at = name.find(kVariantMark); at != name.npos) {
    name.replace(at, kVariantMark.size(), variant);
  }
  if (!is_plain_relative_path(name)) refuse_row(place);
  return name;
}

}  // namespace

std::vector<WeightNames> weight_names(const RuleBook& rules,
                                      const std::optional<std::string>& variant) {
  const auto row = rules.lookup(kTable, kRow);
  if (!row) {
    throw Error(ErrorKind::kUsage, {}, "the rules have no row 'weights' of hub_download",
                "Add it, or use the built-in rules");
  }
  if (!row->value.is_list()) refuse_row(row->place);
  const std::string inserted = variant ? "." + *variant : std::string();
  std::vector<WeightNames> formats;
  for (const Value& format : row->value.as_list()) {
    formats.push_back({name_in(format, "single", inserted, row->place),
                       name_in(format, "index", inserted, row->place)});
  }
  return formats;
}

bool is_plain_relative_path(std::string_view name) {
  constexpr std::size_t kLongestPart = 255;  // of common file systems
  constexpr std::size_t kLongest = 1024;
  if (name.size() > kLongest) return false;
  if (std::any_of(name.begin(), name.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\';
      })) {
    return false;
  }
  while (true) {
    const auto slash = name.find('/');
    const std::string_view part = name.substr(0, slash);
    if (part.empty() || part == "." || part == ".." || part.size() > kLongestPart) return false;
    if (slash == name.npos) return true;
    name.remove_prefix(slash + 1);
  }
}

std::vector<std::string> shards_of_index(const fs::path& index) {
  const Value value = parse_json(read_text(index), index.string());
  const Value* const map = value.is_map() ? value.find("weight_map") : nullptr;
  const auto refuse = [&](const std::string& what) {
    throw Error(ErrorKind::kModel, Place{index.string()}, what, "Download the model again");
  };
  if (map == nullptr || !map->is_map()) refuse("has no weight_map, so it is no index of weights");
  std::set<std::string> shards;
  for (const auto& [tensor, shard] : map->as_map()) {
    if (!shard.is_string() || !is_plain_relative_path(shard.as_string())) {
      refuse("names a file outside its directory for the tensor " + tensor);
    }
    shards.insert(shard.as_string());
  }
  return {shards.begin(), shards.end()};
}

bool has_weights(const fs::path& directory, const std::vector<WeightNames>& formats) {
  std::error_code error;
  for (const WeightNames& format : formats) {
    if (fs::exists(directory / format.single, error)) return true;
    const fs::path index = directory / format.index;
    if (!fs::exists(index, error)) continue;
    try {
      const auto shards = shards_of_index(index);
      if (std::all_of(shards.begin(), shards.end(), [&](const std::string& shard) {
            return fs::exists(directory / shard, error);
          })) {
        return true;
      }
    } catch (const Error&) {
      return true;
    }
  }
  return false;
}

}  // namespace switchyard
