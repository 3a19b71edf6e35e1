// `rules impact`: which models of a corpus change which decision between two sets of rules.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "stages/workshop/impact/impact_report.h"
#include "stages/workshop/impact/rule_sets.h"

namespace switchyard {

struct ImpactOptions {
  std::size_t examples = 5;
  int threads = 0;  // 0: one a core
  // Called from time to time, on the calling thread, with the number of models so far.
  std::function<void(std::size_t)> progress;
};

// Decides every request of the files ("-": standard input) under both sets. A line is what `inspect
// --jsonl` reads, or an object with such a request under "request", as golden files have it. A
// model is called by its "id", else its "name", else its "model_id", else FILE:LINE. Memory is
// bounded, and the report is the same for any number of threads. Throws Error(kModel): a file can't
// be read.
ImpactReport measure_impact(const RuleSets& sets, const std::vector<std::string>& files,
                            const ImpactOptions& options);

// The report for people, for programs (JSON), and to paste into a pull request (Markdown). Each
// ends in a line end.
std::string impact_text(const RuleSets& sets, const ImpactReport& report);
std::string impact_json(const RuleSets& sets, const ImpactReport& report);
std::string impact_markdown(const RuleSets& sets, const ImpactReport& report);

}  // namespace switchyard
