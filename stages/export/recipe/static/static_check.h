// What is wrong with a recipe whatever the checkpoint: `recipe check`.
//
// It follows all branches at once. A name counts as known where some way through the recipe has set
// it, and what depends on values is taken to fit; so what it reports is wrong.
#pragma once

#include <string>
#include <vector>

#include "engine/problem.h"
#include "engine/rule_book.h"

namespace switchyard::recipe {

// Of recipes and block libraries: all that are in force, or those named. An operand is the name of
// one, or a file, which need not be in force. In the order of their places.
// Throws Error(kUsage): there is nothing of that name; Error(kModel): a file can't be read.
Problems check_sources(const RuleBook& rules, const std::vector<std::string>& operands);

// One of them. `library`: the text is a block library.
void check_source(const RuleBook& rules, const RuleBook::Source& source, bool library,
                  Problems& problems);

}  // namespace switchyard::recipe
