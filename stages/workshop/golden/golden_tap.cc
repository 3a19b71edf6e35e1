#include <string>
#include <string_view>

#include "stages/workshop/golden/golden_formats.h"
#include "stages/workshop/golden/golden_text.h"
#include "stages/workshop/golden/printable.h"

namespace switchyard {
namespace {

// '#' would begin a directive such as "# SKIP".
std::string description(std::string_view text) {
  std::string escaped;
  for (const char c : printable(text)) {
    if (c == '#' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

// A JSON string is a YAML one.
std::string yaml_text(std::string_view text) { return Value(text).to_json(); }

std::string rule_yaml(const std::optional<Responsible>& rule) {
  if (!rule) return "null";
  std::string text = rule->id;
  if (rule->place.known()) text += " at " + rule->place.str();
  if (!rule->fate.empty()) text += ", " + rule->fate;
  return yaml_text(text);
}

std::string diagnostics(const GoldenResult& result) {
  std::string text = "  ---\n  file: " + yaml_text(result.file) +
                     "\n  line: " + std::to_string(result.line) + "\n  differences:\n";
  for (const GoldenDifference& difference : result.differences) {
    text += "    - field: " + yaml_text(difference.field) +
            "\n      expected: " + yaml_text(difference.expected.to_json()) +
            "\n      actual: " + yaml_text(difference.actual.to_json()) +
            "\n      rule_before: " + rule_yaml(difference.before) +
            "\n      rule_now: " + rule_yaml(difference.after) + '\n';
  }
  return text + "  ...\n";
}

}  // namespace

std::string golden_tap(const GoldenReport& report) {
  const std::size_t tests = report.cases.size() + (report.threshold ? 1 : 0);
  std::string text = "TAP version 13\n1.." + std::to_string(tests) + '\n';
  std::size_t number = 0;
  for (const GoldenResult& result : report.cases) {
    const bool passed = result.differences.empty();
    text += (passed ? "ok " : "not ok ") + std::to_string(++number) + " - " +
            description(result.file + ":" + std::to_string(result.line) + " " + result.name) + '\n';
    if (!passed) text += diagnostics(result);
  }
  if (report.coverage) {
    const std::string sentence = "the cases exercise " + coverage_sentence(*report.coverage);
    if (report.threshold) {
      text += (report.below_threshold() ? "not ok " : "ok ") + std::to_string(++number) + " - " +
              sentence + '\n';
    } else {
      text += "# " + sentence + '\n';
    }
  }
  return text;
}

}  // namespace switchyard
