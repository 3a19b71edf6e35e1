// The conditions of rules as formulas over columns, in negation normal form: only the tests of
// single columns are negated. What the checks of rule tables reason about.
#pragma once

#include <vector>

#include "engine/condition.h"

namespace switchyard {

struct Formula {
  enum class Kind { kLiteral, kAll, kAny };

  Kind kind = Kind::kAll;
  // Of a literal; they point into the conditions, which must outlive the formula. A literal's test
  // is none of kNot, kAny and kAll.
  const Column* column = nullptr;
  const Test* test = nullptr;
  bool negated = false;
  // Of kAll (none: true) and kAny (none: false).
  std::vector<Formula> parts;
};

Formula formula_of(const Conjunction& conditions, bool negated = false);

}  // namespace switchyard
