#include <chrono>
#include <cstdio>
#include <string>

#include "engine/error.h"
#include "stages/workshop/impact/impact.h"
#include "stages/workshop/impact/impact_words.h"
#include "tools/switchyard/commands/commands.h"
#include "tools/switchyard/console.h"

namespace switchyard {
namespace {

constexpr int kChanges = 3;
constexpr auto kProgressEvery = std::chrono::milliseconds(200);

std::string shown(const Arguments& arguments, const RuleSets& sets, const ImpactReport& report) {
  switch (arguments.format) {
    case OutputFormat::kJson:
      return impact_json(sets, report);
    case OutputFormat::kMarkdown:
      return impact_markdown(sets, report);
    default:
      return impact_text(sets, report);
  }
}

}  // namespace

int rules_impact_command(const Arguments& arguments) {
  if (!arguments.with) {
    throw Error(ErrorKind::kUsage, {}, "'rules impact' needs the rules to compare with",
                "Give --with DIR, a whole set of rules or an overlay");
  }
  if (arguments.examples < 0) {
    throw Error(ErrorKind::kUsage, {}, "--examples must be 0 or more");
  }
  const RuleSets sets = load_rule_sets(arguments.base, *arguments.with);
  Console console(arguments);
  console.detail("before: " + sets.before.description());
  console.detail("after: " + sets.after.description());

  ImpactOptions options;
  options.examples = static_cast<std::size_t>(arguments.examples);
  options.threads = arguments.threads;
  auto last = std::chrono::steady_clock::now();
  options.progress = [&](std::size_t models) {
    const auto now = std::chrono::steady_clock::now();
    if (now - last < kProgressEvery) return;
    last = now;
    console.progress(models_text(models) + " compared");
  };
  const ImpactReport report = measure_impact(sets, arguments.operands, options);
  console.clear_progress();
  if (report.unreadable() > 0) {
    console.warn(number_text(report.unreadable()) +
                 " lines are no request; see docs/resolution.md for what a line holds");
  }
  std::fputs(shown(arguments, sets, report).c_str(), stdout);
  return report.any() ? kChanges : 0;
}

}  // namespace switchyard
