// Whether one value of a column can meet several tests at once.
//
// Values that matter are tried: the operands of the tests and their neighbours, samples of regular
// expressions, and one value of each kind that no test names. That is complete for tests of
// equality, absence and order, and for columns whose values are declared; where it is not, finding
// no value proves nothing.
#pragma once

#include <vector>

#include "engine/condition.h"

namespace switchyard {

enum class Verdict { kImpossible, kUnknown, kPossible };

struct ColumnLiteral {
  const Test* test = nullptr;
  bool negated = false;
};

struct ColumnAnswer {
  Verdict verdict = Verdict::kUnknown;
  Value witness;  // of kPossible
};

// `allowed`: the only values the column can have beside null; null pointer: any. Tests that compare
// with another fact are left out of account.
ColumnAnswer solve_column(const std::vector<ColumnLiteral>& literals,
                          const std::vector<Value>* allowed);

}  // namespace switchyard
