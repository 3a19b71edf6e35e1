#include "stages/checkpoint/weight_file_table.h"

#include <algorithm>
#include <set>
#include <system_error>

#include "engine/error.h"
#include "engine/json.h"
#include "stages/checkpoint/mapped_file.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTable = "weight_files";
constexpr std::string_view kHole = "{variant}";

bool is_variant_name(std::string_view text) {
  return !text.empty() && text.front() != '.' && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

// "-00001-of-00002": one file of several, which an index lists.
bool is_shard(std::string_view text) {
  const std::size_t of = text.rfind("-of-");
  return of != text.npos && of + 4 < text.size() &&
         std::all_of(text.begin() + static_cast<std::ptrdiff_t>(of) + 4, text.end(),
                     [](char c) { return c >= '0' && c <= '9'; });
}

bool is_whole(const fs::path& directory, const fs::path& index) {
  std::error_code error;
  try {
    const auto shards = shards_of_index(index);
    return std::all_of(shards.begin(), shards.end(), [&](const std::string& shard) {
      return fs::exists(directory / shard, error);
    });
  } catch (const Error&) {
    return true;
  }
}

}  // namespace

std::string WeightFileRow::spelled(const std::optional<std::string>& variant) const {
  return variant ? before + *variant + after : name;
}

std::optional<std::string> WeightFileRow::variant_in(std::string_view file) const {
  if (file.size() <= before.size() + after.size() || !file.starts_with(before) ||
      !file.ends_with(after)) {
    return {};
  }
  std::string variant(file.substr(before.size(), file.size() - before.size() - after.size()));
  if (!is_variant_name(variant) || is_shard(variant)) return {};
  return variant;
}

std::vector<WeightFileRow> weight_file_table(const RuleBook& rules) {
  std::vector<WeightFileRow> rows;
  for (const std::string& key : rules.keys(kTable)) {
    const auto row = rules.lookup(kTable, key);
    const auto refuse = [&](const char* what) {
      throw Error(ErrorKind::kUsage, row->place, "the row '" + key + "' of weight_files " + what,
                  "Write it as the other rows: format, sharded, variant");
    };
    const Value* const format = row->value.find("format");
    const Value* const sharded = row->value.find("sharded");
    const Value* const variant = row->value.find("variant");
    const bool torch = format != nullptr && *format == Value("torch");
    if (!torch && (format == nullptr || *format != Value("safetensors"))) {
      refuse("has a format that is neither safetensors nor torch");
    }
    if (sharded == nullptr || !sharded->is_bool()) refuse("doesn't say whether it is sharded");
    const std::string spelling =
        variant != nullptr && variant->is_string() ? variant->as_string() : "";
    const std::size_t hole = spelling.find(kHole);
    if (hole == spelling.npos) refuse("has no {variant} in the spelling of its variants");
    rows.push_back({key, spelling.substr(0, hole), spelling.substr(hole + kHole.size()),
                    torch ? WeightFormat::kTorch : WeightFormat::kSafetensors, sharded->as_bool()});
  }
  return rows;
}

void require_variant_name(const std::string& variant) {
  if (is_variant_name(variant)) return;
  throw Error(ErrorKind::kUsage, {}, "'" + variant + "' can't be the name of a variant",
              "It is the word in the file's name: fp16 of model.fp16.safetensors");
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

bool has_weights(const fs::path& directory, const std::vector<WeightFileRow>& rows,
                 const std::optional<std::string>& variant) {
  std::error_code error;
  return std::any_of(rows.begin(), rows.end(), [&](const WeightFileRow& row) {
    const fs::path file = directory / row.spelled(variant);
    return fs::exists(file, error) && (!row.sharded || is_whole(directory, file));
  });
}

}  // namespace switchyard
