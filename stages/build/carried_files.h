// What travels with a model: the checkpoint's own files (rules/artifacts.yaml), and its labels
// where its config does not name them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "stages/checkpoint/checkpoint.h"
#include "stages/resolve/resolve.h"

namespace switchyard {

// Copies those that the checkpoint has into `directory`, and writes labels.txt (one label a line,
// in the order of the classes) when only the knowledge tables know the labels of an output of the
// model. Returns the names. A file that is there already with the same content is left alone.
// Throws Error(kModel).
std::vector<std::string> carry_files(const RuleBook& rules, const ModelSource& source,
                                     const Resolution& resolution,
                                     const std::filesystem::path& directory);

}  // namespace switchyard
