#include "stages/weights/weight_files.h"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "engine/error.h"
#include "engine/text.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTable = "weight_files";
constexpr std::string_view kHole = "{variant}";

struct FileRow {
  std::string name;
  std::string before, after;  // a variant's name around {variant}
  WeightSource::Format format;
  bool sharded;
};

std::vector<FileRow> read_rows(const RuleBook& rules) {
  std::vector<FileRow> rows;
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
    rows.push_back(
        {key, spelling.substr(0, hole), spelling.substr(hole + kHole.size()),
         torch ? WeightSource::Format::kTorch : WeightSource::Format::kSafetensors,
         sharded->as_bool()});
  }
  return rows;
}

std::vector<std::string> names_in(const fs::path& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool is_variant_name(std::string_view text) {
  return !text.empty() && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

// "-00001-of-00002": one file of several, which an index lists.
bool is_shard(std::string_view text) {
  const std::size_t of = text.rfind("-of-");
  return of != text.npos && of + 4 < text.size() &&
         std::all_of(text.begin() + static_cast<std::ptrdiff_t>(of) + 4, text.end(),
                     [](char c) { return c >= '0' && c <= '9'; });
}

// The variant under which the row would spell `name`.
std::optional<std::string> variant_in(const FileRow& row, const std::string& name) {
  if (name.size() <= row.before.size() + row.after.size() || !name.starts_with(row.before) ||
      !name.ends_with(row.after)) {
    return {};
  }
  std::string variant =
      name.substr(row.before.size(), name.size() - row.before.size() - row.after.size());
  if (!is_variant_name(variant) || is_shard(variant)) return {};
  return variant;
}

std::vector<std::string> variants_of(const std::vector<FileRow>& rows,
                                     const std::vector<std::string>& names) {
  std::set<std::string> variants;
  for (const FileRow& row : rows) {
    for (const std::string& name : names) {
      if (auto variant = variant_in(row, name)) variants.insert(std::move(*variant));
    }
  }
  return {variants.begin(), variants.end()};
}

// "a, b and 4 others"
std::string listed(std::vector<std::string> names) {
  constexpr std::size_t kShown = 6;
  if (names.size() > kShown) {
    const std::string rest = std::to_string(names.size() - kShown) + " others";
    names.resize(kShown);
    names.push_back(rest);
  }
  return join_names(names);
}

// Files that look like weights but are none of the table's, and what can be done with them. The
// first row of which something is there gives the message.
struct Other {
  std::vector<std::string_view> endings;
  std::string_view what;
  std::string_view mend;
};
const Other kOthers[] = {
    {{".bin", ".pt", ".pth", ".ckpt"},
     "only PyTorch files of other names",
     "Convert the one that holds this model's weights: switchyard checkpoint to-safetensors -m "
     "FILE -o model.safetensors"},
    {{".safetensors"},
     "but",
     "Rename or link the one that holds this model's weights to model.safetensors"},
    {{".h5", ".msgpack", ".keras"},
     "only weights of TensorFlow or Flax",
     "Load the model from them with transformers and save it as safetensors"},
};

[[noreturn]] void fail_without_weights(const fs::path& directory, const std::vector<FileRow>& rows) {
  const Place place{directory.string()};
  const std::string first = rows.empty() ? "row in weight_files" : rows.front().name;
  const std::vector<std::string> names = names_in(directory);
  if (const auto variants = variants_of(rows, names); !variants.empty()) {
    throw Error(ErrorKind::kModel, place,
                "no " + first + " there, only the weights of the variant" +
                    (variants.size() == 1 ? " " : "s ") + listed(variants),
                "Choose one with --variant " + variants.front());
  }
  for (const Other& other : kOthers) {
    std::vector<std::string> found;
    for (const std::string& name : names) {
      if (std::any_of(other.endings.begin(), other.endings.end(),
                      [&](std::string_view ending) { return name.ends_with(ending); })) {
        found.push_back(name);
      }
    }
    if (found.empty()) continue;
    throw Error(ErrorKind::kModel, place,
                "no " + first + " there, " + std::string(other.what) + " " + listed(found),
                std::string(other.mend));
  }
  throw Error(ErrorKind::kModel, place, "no weights there: " + first + " is missing",
              "Download it into that directory");
}

}  // namespace

std::vector<std::string> weight_variants(const RuleBook& rules, const fs::path& directory) {
  return variants_of(read_rows(rules), names_in(directory));
}

WeightSource find_weight_files(const RuleBook& rules, const fs::path& directory,
                               const std::optional<std::string>& variant) {
  const std::vector<FileRow> rows = read_rows(rules);
  if (variant && !is_variant_name(*variant)) {
    throw Error(ErrorKind::kUsage, {}, "'" + *variant + "' can't be the name of a variant",
                "It is the word in the file's name: fp16 of model.fp16.safetensors");
  }
  for (const FileRow& row : rows) {
    const fs::path file = directory / (variant ? row.before + *variant + row.after : row.name);
    std::error_code error;
    // A symlink whose target is gone is there all the same: opening it says what is wrong.
    if (!fs::exists(fs::symlink_status(file, error))) continue;
    return {file, row.format, row.sharded};
  }
  if (!variant) fail_without_weights(directory, rows);
  const std::vector<std::string> there = variants_of(rows, names_in(directory));
  throw Error(ErrorKind::kModel, Place{directory.string()},
              "no weights of the variant '" + *variant + "' there",
              there.empty() ? "It has no variants at all: leave --variant out"
                            : "There are " + listed(there));
}

std::string name_as_safetensors(const RuleBook& rules, const fs::path& file) {
  const std::vector<FileRow> rows = read_rows(rules);
  const auto plain = std::find_if(rows.begin(), rows.end(), [](const FileRow& row) {
    return row.format == WeightSource::Format::kSafetensors && !row.sharded;
  });
  const std::string name = file.filename().string();
  if (plain != rows.end()) {
    for (const FileRow& row : rows) {
      if (name == row.name) return plain->name;
      if (const auto variant = variant_in(row, name)) {
        return plain->before + *variant + plain->after;
      }
    }
  }
  return file.stem().string() + ".safetensors";
}

WeightSource weight_file_at(const fs::path& file) {
  using Format = WeightSource::Format;
  const std::string name = file.filename().string();
  const bool sharded = name.ends_with(".json");
  const bool safetensors =
      sharded ? name.find(".safetensors") != name.npos : name.ends_with(".safetensors");
  return {file, safetensors ? Format::kSafetensors : Format::kTorch, sharded};
}

}  // namespace switchyard
