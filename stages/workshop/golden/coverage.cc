#include "stages/workshop/golden/coverage.h"

#include "engine/rule_catalog.h"

namespace switchyard {

std::vector<RuleRef> rules_in_force(const RuleBook& rules, std::string_view decision) {
  rules.collects(decision);  // throws where there is no such table
  std::vector<RuleRef> refs;
  for (const Rule& rule : rules.catalog().decision(decision)->rules()) refs.push_back(rule.ref());
  return refs;
}

double CoverageReport::percent() const {
  if (rules == 0) return 100;
  return 100 * static_cast<double>(won) / static_cast<double>(rules);
}

void Coverage::add(const Trace& trace) {
  for (const Question& question : trace.questions) {
    for (const Outcome& outcome : question.outcomes) {
      won_.emplace(question.decision, outcome.rule.id);
    }
  }
}

CoverageReport Coverage::report(const RuleBook& rules) const {
  CoverageReport report;
  for (const std::string_view decision : rules.decisions()) {
    CoverageReport::Table& table = report.tables.emplace_back();
    table.decision = decision;
    for (const RuleRef& rule : rules_in_force(rules, decision)) {
      ++table.rules;
      if (!won_.contains({table.decision, std::string(rule.id)})) table.never_won.push_back(rule);
    }
    report.rules += table.rules;
    report.won += table.rules - table.never_won.size();
  }
  return report;
}

}  // namespace switchyard
