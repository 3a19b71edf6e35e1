// Regular expressions that match more than was meant.
#include "engine/check/table_checks.h"
#include "engine/pattern.h"

namespace switchyard {

namespace {

void check_test(const DecisionTable& table, const Rule& rule, const Test& test,
                Problems& problems) {
  for (const Test& part : test.parts) check_test(table, rule, part, problems);
  if (test.op != Test::Op::kMatches || !test.pattern->matches("")) return;
  Problem problem = rule_problem(
      table, rule, "matches-empty",
      "the regular expression " + Value(test.pattern->text()).to_json() + " matches the empty text",
      "Write + for *, or say `present` where any text will do");
  problem.place = test.pattern->source().place();
  problems.push_back(std::move(problem));
}

void check_conditions(const DecisionTable& table, const Rule& rule, const Conjunction& conditions,
                      Problems& problems) {
  for (const Clause& clause : conditions) {
    if (clause.kind == Clause::Kind::kColumn) check_test(table, rule, clause.test, problems);
    for (const Conjunction& branch : clause.branches) {
      check_conditions(table, rule, branch, problems);
    }
  }
}

}  // namespace

void check_patterns(const DecisionTable& table, Problems& problems) {
  for (const Rule& rule : table.rules()) {
    check_conditions(table, rule, rule.when, problems);
    for (const Warning& warning : rule.warnings) {
      check_conditions(table, rule, warning.when, problems);
    }
  }
}

}  // namespace switchyard
