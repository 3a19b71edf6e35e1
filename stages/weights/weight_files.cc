#include "stages/weights/weight_files.h"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "engine/error.h"
#include "engine/text.h"
#include "stages/checkpoint/directory.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> variants_of(const std::vector<WeightFileRow>& rows,
                                     const std::vector<std::string>& names) {
  std::set<std::string> variants;
  for (const WeightFileRow& row : rows) {
    for (const std::string& name : names) {
      if (auto variant = row.variant_in(name)) variants.insert(std::move(*variant));
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

[[noreturn]] void fail_without_weights(const fs::path& directory,
                                       const std::vector<WeightFileRow>& rows) {
  const Place place{directory.string()};
  const std::string first = rows.empty() ? "row in weight_files" : rows.front().name;
  const std::vector<std::string> names = file_names_in(directory);
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
  return variants_of(weight_file_table(rules), file_names_in(directory));
}

WeightSource find_weight_files(const RuleBook& rules, const fs::path& directory,
                               const std::optional<std::string>& variant) {
  const std::vector<WeightFileRow> rows = weight_file_table(rules);
  if (variant) require_variant_name(*variant);
  for (const WeightFileRow& row : rows) {
    const fs::path file = directory / row.spelled(variant);
    std::error_code error;
    // A symlink whose target is gone is there all the same: opening it says what is wrong.
    if (!fs::exists(fs::symlink_status(file, error))) continue;
    return {file, row.format, row.sharded};
  }
  if (!variant) fail_without_weights(directory, rows);
  const std::vector<std::string> there = variants_of(rows, file_names_in(directory));
  throw Error(ErrorKind::kModel, Place{directory.string()},
              "no weights of the variant '" + *variant + "' there",
              there.empty() ? "It has no variants at all: leave --variant out"
                            : "There are " + listed(there));
}

std::string name_as_safetensors(const RuleBook& rules, const fs::path& file) {
  const std::vector<WeightFileRow> rows = weight_file_table(rules);
  const auto plain = std::find_if(rows.begin(), rows.end(), [](const WeightFileRow& row) {
    return row.format == WeightFormat::kSafetensors && !row.sharded;
  });
  const std::string name = file.filename().string();
  if (plain != rows.end()) {
    for (const WeightFileRow& row : rows) {
      if (name == row.name) return plain->name;
      if (const auto variant = row.variant_in(name)) {
        return plain->spelled(*variant);
      }
    }
  }
  return file.stem().string() + ".safetensors";
}

WeightSource weight_file_at(const fs::path& file) {
  const std::string name = file.filename().string();
  const bool sharded = name.ends_with(".json");
  const bool safetensors =
      sharded ? name.find(".safetensors") != name.npos : name.ends_with(".safetensors");
  return {file, safetensors ? WeightFormat::kSafetensors : WeightFormat::kTorch, sharded};
}

}  // namespace switchyard
