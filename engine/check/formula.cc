#include "engine/check/formula.h"

namespace switchyard {

namespace {

using Kind = Formula::Kind;

// All of them, or any: negation turns the one into the other.
Kind kind_of(bool all, bool negated) { return all != negated ? Kind::kAll : Kind::kAny; }

Formula test_formula(const Column& column, const Test& test, bool negated) {
  Formula formula;
  switch (test.op) {
    case Test::Op::kNot:
      return test_formula(column, test.parts[0], !negated);
    case Test::Op::kAny:
    case Test::Op::kAll:
      formula.kind = kind_of(test.op == Test::Op::kAll, negated);
      for (const Test& part : test.parts) {
        formula.parts.push_back(test_formula(column, part, negated));
      }
      return formula;
    default:
      formula.kind = Kind::kLiteral;
      formula.column = &column;
      formula.test = &test;
      formula.negated = negated;
      return formula;
  }
}

Formula clause_formula(const Clause& clause, bool negated) {
  if (clause.kind == Clause::Kind::kColumn) {
    return test_formula(clause.column, clause.test, negated);
  }
  if (clause.kind == Clause::Kind::kNot) return formula_of(clause.branches[0], !negated);
  Formula formula;
  formula.kind = kind_of(clause.kind == Clause::Kind::kAll, negated);
  for (const Conjunction& branch : clause.branches) {
    formula.parts.push_back(formula_of(branch, negated));
  }
  return formula;
}

}  // namespace

Formula formula_of(const Conjunction& conditions, bool negated) {
  Formula formula;
  formula.kind = kind_of(true, negated);
  formula.parts.reserve(conditions.size());
  for (const Clause& clause : conditions) formula.parts.push_back(clause_formula(clause, negated));
  return formula;
}

}  // namespace switchyard
