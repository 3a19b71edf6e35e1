// One graph of a composite model, and how it is built.
#pragma once

#include <string>

#include "stages/build/build_plan.h"
#include "stages/resolve/resolve.h"

namespace switchyard {

struct BuildPart {
  std::string name;  // "encoder"
  Resolution resolution;
  BuildPlan plan;
};

}  // namespace switchyard
