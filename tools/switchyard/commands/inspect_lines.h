// `inspect --jsonl`: many models in one process.
#pragma once

#include <string>

#include "engine/rule_book.h"

namespace switchyard {

// Answers every line of `file` ("-": standard input) on standard output, in order, on `threads`
// threads (0: one a core). Memory is bounded by a few MiB and the longest line. An answer is
// written as soon as the lines that have arrived so far are done, so a program may ask and wait.
// Throws Error when the file can't be read or the output can't be written.
void inspect_lines(const RuleBook& rules, const std::string& file, int threads);

}  // namespace switchyard
