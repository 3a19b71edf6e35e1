// `rules check`, as far as the table language goes: everything wrong with a set of rules at once.
//
// What the tables mean for models (sentinels, variants, gaps) is checked by stages/workshop.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/problem.h"
#include "engine/rule_book.h"

namespace switchyard {

struct RuleCheck {
  // The rules without what is wrong in them; for further checks, never for deciding.
  std::shared_ptr<const RuleBook> book;
  Problems problems;  // in the order of their places
};

// Throws Error(kUsage) only when a directory can't be read. One thread.
RuleCheck check_rules(const RuleBookOptions& options);

// Texts in memory, layer by layer (the base first), each a file's name and content.
using RuleTexts = std::vector<std::pair<std::string, std::string>>;
RuleCheck check_rules(const std::vector<RuleTexts>& layers);

}  // namespace switchyard
