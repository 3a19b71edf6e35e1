#include "engine/rule_check.h"

#include "engine/check/table_checks.h"
#include "engine/faults.h"

namespace switchyard {

namespace {

Problem problem_of(const Fault& fault) {
  Problem problem;
  problem.place = fault.error.place();
  problem.kind = "syntax";
  problem.decision = fault.table;
  problem.rule = fault.rule;
  problem.what = fault.error.message();
  problem.mend = fault.error.mend();
  return problem;
}

RuleCheck check_book(std::shared_ptr<const RuleBook> book, const Faults& faults) {
  RuleCheck check{std::move(book), {}};
  for (const Fault& fault : faults.list()) check.problems.push_back(problem_of(fault));
  const RuleCatalog& catalog = check.book->catalog();
  for (const std::string_view name : catalog.decision_names()) {
    const DecisionTable& table = *catalog.decision(name);
    check_values(table, catalog, check.problems);
    check_collisions(table, allowed_values(table, catalog), check.problems);
    check_patterns(table, check.problems);
  }
  check_overlays(catalog, check.problems);
  sort_problems(check.problems);
  return check;
}

}  // namespace

RuleCheck check_rules(const RuleBookOptions& options) {
  Faults faults;
  auto book = RuleBook::load(options, faults);
  return check_book(std::move(book), faults);
}

RuleCheck check_rules(const std::vector<RuleTexts>& layers) {
  Faults faults;
  auto book = RuleBook::from_texts(layers, faults);
  return check_book(std::move(book), faults);
}

}  // namespace switchyard
