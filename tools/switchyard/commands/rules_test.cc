#include <cstdio>
#include <string>

#include "engine/error.h"
#include "stages/workshop/golden/golden.h"
#include "stages/workshop/golden/golden_formats.h"
#include "stages/workshop/golden/golden_text.h"
#include "tools/switchyard/commands/commands.h"
#include "tools/switchyard/console.h"
#include "tools/switchyard/model_request.h"

namespace switchyard {
namespace {

constexpr const char* kDefaultDirectory = "tests/golden/rules";
constexpr int kDifferences = 3;

std::string report_text(const GoldenReport& report, OutputFormat format) {
  switch (format) {
    case OutputFormat::kJson:
      return golden_json(report).to_json(2) + '\n';
    case OutputFormat::kTap:
      return golden_tap(report);
    case OutputFormat::kJunit:
      return golden_junit(report);
    default:
      return golden_text(report, output_colour());
  }
}

}  // namespace

int rules_test_command(const Arguments& arguments) {
  const std::string directory =
      arguments.operands.empty() ? kDefaultDirectory : arguments.operands.front();
  GoldenOptions options;
  options.update = arguments.update;
  options.coverage = arguments.coverage;
  options.threshold = arguments.threshold;
  if (options.threshold && !(*options.threshold >= 0 && *options.threshold <= 100)) {
    throw Error(ErrorKind::kUsage, {}, "--threshold is a share of the rules in percent, 0 to 100",
                "Write --threshold 90");
  }
  const auto rules = load_rules(arguments);
  const GoldenReport report = run_golden(*rules, directory, options);
  std::fputs(report_text(report, arguments.format).c_str(), stdout);
  Console console(arguments);
  for (const auto& file : report.updated) console.note("updated " + file.generic_string());
  const bool passed = (report.failed() == 0 || arguments.update) && !report.below_threshold();
  return passed ? 0 : kDifferences;
}

}  // namespace switchyard
