// Texts that a regular expression matches: examples for the messages of `rules check`.
#pragma once

#include <string>
#include <vector>

namespace switchyard {

class Pattern;

// A few short texts that the pattern matches, the likelier ones first; none where the expression is
// too involved. Every one of them was tried.
std::vector<std::string> pattern_samples(const Pattern& pattern);

}  // namespace switchyard
