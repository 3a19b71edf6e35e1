#include "stages/workshop/golden/golden.h"

#include <algorithm>
#include <utility>

#include "stages/resolve/trace.h"
#include "stages/workshop/golden/golden_case.h"
#include "stages/workshop/golden/golden_outcome.h"

namespace switchyard {
namespace {

class GoldenRun {
 public:
  GoldenRun(const RuleBook& rules, const GoldenOptions& options)
      : rules_(rules), options_(options) {
    options_.coverage = options.coverage || options.threshold;
    report_.threshold = options.threshold;
  }

  void run(const std::filesystem::path& path) {
    GoldenFile file = read_golden_file(path);
    bool differs = false;
    for (const GoldenCase& golden : file.cases) {
      const Value actual = run(golden);
      if (report_.cases.back().differences.empty()) continue;
      differs = true;
      file.lines[golden.line - 1] = updated_line(golden, actual);
    }
    if (!options_.update || !differs) return;
    write_golden_file(file);
    report_.updated.push_back(path);
  }

  GoldenReport finish() {
    if (options_.coverage) report_.coverage = coverage_.report(rules_);
    return std::move(report_);
  }

 private:
  Value run(const GoldenCase& golden) {
    GoldenResult& result = report_.cases.emplace_back();
    result.file = golden.file;
    result.line = golden.line;
    result.name = golden.name;
    if (!options_.coverage) {
      // A trace costs more than the outcome, and most cases are as expected.
      Value actual = golden_outcome(rules_, golden);
      if (golden.expect && *golden.expect == actual) return actual;
    }
    Trace trace;
    Value actual = golden_outcome(rules_, golden, &trace);
    if (options_.coverage) coverage_.add(trace);
    result.differences = golden_differences(rules_, golden, actual, trace);
    return actual;
  }

  const RuleBook& rules_;
  GoldenOptions options_;
  Coverage coverage_;
  GoldenReport report_;
};

}  // namespace

std::size_t GoldenReport::failed() const {
  return static_cast<std::size_t>(
      std::count_if(cases.begin(), cases.end(),
                    [](const GoldenResult& result) { return !result.differences.empty(); }));
}

bool GoldenReport::below_threshold() const {
  return threshold && coverage && coverage->percent() < *threshold;
}

GoldenReport run_golden(const RuleBook& rules, const std::filesystem::path& directory,
                        const GoldenOptions& options) {
  GoldenRun run(rules, options);
  for (const std::filesystem::path& file : golden_files(directory)) run.run(file);
  return run.finish();
}

}  // namespace switchyard
