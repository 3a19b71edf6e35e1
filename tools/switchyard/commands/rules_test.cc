#include <cstdio>
#include <string>

#include "stages/resolve/golden.h"
#include "tools/switchyard/commands/commands.h"
#include "tools/switchyard/console.h"
#include "tools/switchyard/model_request.h"

namespace switchyard {
namespace {

constexpr const char* kDefaultDirectory = "tests/golden/rules";
constexpr int kDifferences = 3;

}  // namespace

int rules_test_command(const Arguments& arguments) {
  const std::string directory =
      arguments.operands.empty() ? kDefaultDirectory : arguments.operands.front();
  const auto rules = load_rules(arguments);
  const GoldenReport report = run_golden(*rules, directory, arguments.update);
  for (const GoldenDifference& difference : report.differences) {
    std::printf("%s\n", difference.str().c_str());
  }
  Console console(arguments);
  for (const auto& file : report.updated) console.note("updated " + file.string());
  console.note(std::to_string(report.cases) + " cases, " +
               std::to_string(report.differences.size()) + " differences");
  return report.differences.empty() || arguments.update ? 0 : kDifferences;
}

}  // namespace switchyard
