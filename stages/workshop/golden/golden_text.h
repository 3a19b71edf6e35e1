// A golden report as people read it.
#pragma once

#include <string>

#include "stages/workshop/golden/coverage.h"
#include "stages/workshop/golden/golden.h"

namespace switchyard {

// One case that differs: what was expected and what is there, with the rules responsible. Several
// lines; with terminal colours only when `colour` says so.
std::string golden_result_text(const GoldenResult& result, bool colour);

// Every case that differs, the coverage where it was asked for, and a line that sums it up.
std::string golden_text(const GoldenReport& report, bool colour);

// "97 of 98 rules (98.9 %)".
std::string coverage_sentence(const CoverageReport& coverage);

}  // namespace switchyard
