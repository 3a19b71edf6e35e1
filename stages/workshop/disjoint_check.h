// Rules that are declared disjoint, held against real requests.
#pragma once

#include <string>
#include <vector>

#include "engine/problem.h"
#include "engine/rule_book.h"

namespace switchyard {

// Decides every request of the corpora (corpus_line.h) and appends a problem for each two rules
// that `disjoint` names together and that both held for one of them, naming the first model.
// Threads: one a core. Throws Error(kModel) when a file can't be read.
void check_disjoint(const RuleBook& rules, const std::vector<std::string>& corpora,
                    Problems& problems);

}  // namespace switchyard
