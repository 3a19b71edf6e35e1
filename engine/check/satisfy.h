// Whether formulas over columns can hold together, and an example of facts for which they do.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/check/column_solver.h"
#include "engine/check/formula.h"

namespace switchyard {

// Column -> the only values it can have beside null. Columns without an entry can have any.
using AllowedValues = std::map<std::string, std::vector<Value>, std::less<>>;

struct Answer {
  Verdict verdict = Verdict::kUnknown;
  // Of kPossible: a value for every column that the formulas look at, in the order in which they
  // look; null stands for "not set" too.
  std::vector<std::pair<std::string, Value>> witness;
  // Two regular expressions or more bear on one column of the example.
  bool patterns_meet = false;

  // "model_type: "sam", task: null".
  std::string example() const;
};

// All of `formulas` at once. Columns are taken to be independent of each other. kImpossible is
// proven, kPossible was tried on the formulas; kUnknown is neither, also when trying took too long.
// A formula's columns and tests must outlive the call.
Answer satisfy(const std::vector<const Formula*>& formulas, const AllowedValues& allowed);

}  // namespace switchyard
