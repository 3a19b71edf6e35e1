#include <optional>
#include <utility>

#include "stages/workshop/golden/golden_formats.h"

namespace switchyard {
namespace {

Value rule_json(const std::optional<Responsible>& rule) {
  if (!rule) return {};
  const bool known = rule->place.known();
  return Map{{"decision", rule->decision},
             {"rule", rule->id},
             {"file", known ? Value(rule->place.file) : Value()},
             {"line", known ? Value(rule->place.line) : Value()},
             {"fate", rule->fate.empty() ? Value() : Value(rule->fate)}};
}

Value result_json(const GoldenResult& result) {
  List differences;
  for (const GoldenDifference& difference : result.differences) {
    differences.push_back(Map{{"field", difference.field},
                              {"expected", difference.expected},
                              {"actual", difference.actual},
                              {"before", rule_json(difference.before)},
                              {"after", rule_json(difference.after)}});
  }
  const bool passed = differences.empty();
  return Map{{"file", result.file},
             {"line", static_cast<std::int64_t>(result.line)},
             {"name", result.name},
             {"passed", passed},
             {"differences", std::move(differences)}};
}

Value coverage_json(const GoldenReport& report) {
  if (!report.coverage) return {};
  const CoverageReport& coverage = *report.coverage;
  List tables;
  for (const CoverageReport::Table& table : coverage.tables) {
    List never;
    for (const RuleRef& rule : table.never_won) {
      never.push_back(Map{{"rule", rule.id}, {"file", rule.file}, {"line", rule.line}});
    }
    tables.push_back(Map{{"decision", table.decision},
                         {"rules", static_cast<std::int64_t>(table.rules)},
                         {"not_exercised", std::move(never)}});
  }
  return Map{{"rules", static_cast<std::int64_t>(coverage.rules)},
             {"exercised", static_cast<std::int64_t>(coverage.won)},
             {"percent", coverage.percent()},
             {"threshold", report.threshold ? Value(*report.threshold) : Value()},
             {"tables", std::move(tables)}};
}

}  // namespace

Value golden_json(const GoldenReport& report) {
  List results, updated;
  for (const GoldenResult& result : report.cases) results.push_back(result_json(result));
  for (const auto& file : report.updated) updated.emplace_back(file.generic_string());
  return Map{{"cases", static_cast<std::int64_t>(report.cases.size())},
             {"failed", static_cast<std::int64_t>(report.failed())},
             {"results", std::move(results)},
             {"updated", std::move(updated)},
             {"coverage", coverage_json(report)}};
}

}  // namespace switchyard
