// Which of a checkpoint's files hold its weights: rules/weight_files.yaml, looked up in a
// directory.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "stages/checkpoint/weight_file_table.h"

namespace switchyard {

struct WeightSource {
  std::filesystem::path file;  // the weights, or the index of the shards
  WeightFormat format = WeightFormat::kSafetensors;
  bool sharded = false;
};

// The first file of the table that is in `directory`, under the variant's spelling where one is
// given. Only looks at names.
// Throws Error(kModel) with the mend: no weights there (and what lies there instead), or not of
// that variant (and which there are); Error(kUsage): a variant that can't be part of a file's name,
// a wrong row of the table.
WeightSource find_weight_files(const RuleBook& rules, const std::filesystem::path& directory,
                               const std::optional<std::string>& variant);

// What a file is that the user named himself: an index by the ending .json, safetensors by its
// ending, else a file of torch.save.
WeightSource weight_file_at(const std::filesystem::path& file);

// The variants of which `directory` has weights, sorted.
std::vector<std::string> weight_variants(const RuleBook& rules,
                                         const std::filesystem::path& directory);

// The name for `file`'s weights once they are safetensors: pytorch_model.fp16.bin becomes
// model.fp16.safetensors, a name that the table doesn't know gets the ending .safetensors.
std::string name_as_safetensors(const RuleBook& rules, const std::filesystem::path& file);

}  // namespace switchyard
