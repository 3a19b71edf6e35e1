// The knowledge table `weight_files` (rules/weight_files.yaml): under which names a checkpoint's
// weights lie, best first.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/rule_book.h"

namespace switchyard {

enum class WeightFormat { kSafetensors, kTorch };

struct WeightFileRow {
  std::string name;           // of the plain file
  std::string before, after;  // of a variant's: around the variant's word
  WeightFormat format = WeightFormat::kSafetensors;
  bool sharded = false;  // an index, not the weights themselves

  // The file's name for a variant ("fp16"), or for none.
  std::string spelled(const std::optional<std::string>& variant) const;
  // The variant under which the row would spell `file`.
  std::optional<std::string> variant_in(std::string_view file) const;
};

// Throws Error(kUsage) with the place of a wrong row.
std::vector<WeightFileRow> weight_file_table(const RuleBook& rules);

// Throws Error(kUsage) when `variant` can't be part of a file's name.
void require_variant_name(const std::string& variant);

// True for a relative path of plain names: no "..", no empty part, no backslash, no control
// character. File names out of foreign files must pass this before they are used.
bool is_plain_relative_path(std::string_view name);

// The files that an index names, sorted, each once.
// Throws Error(kModel): no JSON, no weight_map, a name outside the directory.
std::vector<std::string> shards_of_index(const std::filesystem::path& index);

// Whether the weights that a row spells lie in `directory`, whole: a single file, or an index with
// all its shards. An index that can't be read counts as whole: opening it says what is wrong.
bool has_weights(const std::filesystem::path& directory, const std::vector<WeightFileRow>& rows,
                 const std::optional<std::string>& variant);

}  // namespace switchyard
