#include "stages/export/weight_report.h"

#include <algorithm>

namespace switchyard {

bool WeightReport::fits() const {
  const auto needed = [](const Missing& one) { return !one.optional; };
  const auto unused = [](const TensorFate& one) { return one.fate == Fate::kUnused; };
  return stopped.empty() && std::none_of(missing.begin(), missing.end(), needed) &&
         std::none_of(tensors.begin(), tensors.end(), unused);
}

}  // namespace switchyard
