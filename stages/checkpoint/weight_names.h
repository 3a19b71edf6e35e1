// The names under which a model's weights lie (knowledge table hub_download, row weights).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/rule_book.h"

namespace switchyard {

// One format: a single file, or the index of several.
struct WeightNames {
  std::string single;
  std::string index;
};

// The formats by preference, named for `variant` ("fp16") or for none.
// Throws Error(kUsage) with the place of a row that can't be used.
std::vector<WeightNames> weight_names(const RuleBook& rules,
                                      const std::optional<std::string>& variant = {});

// True for a relative path of plain names: no "..", no empty part, no backslash, no control
// character. File names out of foreign files must pass this before they are used.
bool is_plain_relative_path(std::string_view name);

// The files that an index names, sorted, each once.
// Throws Error(kModel): no JSON, no weight_map, a name outside the directory.
std::vector<std::string> shards_of_index(const std::filesystem::path& index);

// Whether the weights of one of the formats lie in `directory`, whole: a single file, or an index
// with all its shards. An index that can't be read counts as whole: opening it says what is wrong.
bool has_weights(const std::filesystem::path& directory, const std::vector<WeightNames>& formats);

}  // namespace switchyard
