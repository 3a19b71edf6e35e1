// Golden files: requests and facts with the outcome that the rules gave when a person last looked.
//
// stages/workshop/golden/golden_case.h has the format. A change of the rules shows as a diff of
// these files, to be committed with the rule; golden_text.h and golden_formats.h print a report.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "stages/workshop/golden/coverage.h"
#include "stages/workshop/golden/golden_difference.h"

namespace switchyard {

struct GoldenOptions {
  bool update = false;    // rewrite files that differ with the outcomes as they are now
  bool coverage = false;  // also tell which rules no case exercises
  // The least share of the rules in force that some case must exercise, 0 to 100; asks for
  // coverage.
  std::optional<double> threshold;
};

struct GoldenResult {
  std::string file;
  std::size_t line = 0;
  std::string name;
  std::vector<GoldenDifference> differences;  // empty: as expected
};

struct GoldenReport {
  std::vector<GoldenResult> cases;  // in the order of the files and lines
  std::vector<std::filesystem::path> updated;
  std::optional<CoverageReport> coverage;  // views into it live as long as the rule book

  std::optional<double> threshold;  // as in the options

  std::size_t failed() const;  // cases that differ, also when they were updated
  bool below_threshold() const;
};

// Runs every case of every golden file below `directory` (or of one file). Throws Error(kUsage): no
// such directory, no golden file, a line that is no case, a decision that is not there;
// Error(kModel): a file that can't be read or written.
GoldenReport run_golden(const RuleBook& rules, const std::filesystem::path& directory,
                        const GoldenOptions& options = {});

}  // namespace switchyard
