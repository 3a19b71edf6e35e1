// The checkpoint's own files that travel with a model (rules/artifacts.yaml).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "stages/checkpoint/checkpoint.h"

namespace switchyard {

// Copies those that the checkpoint has into `directory` and returns their names. A file that is
// there already with the same content is left alone. Throws Error(kModel).
std::vector<std::string> carry_files(const RuleBook& rules, const ModelSource& source,
                                     const std::filesystem::path& directory);

}  // namespace switchyard
