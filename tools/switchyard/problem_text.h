// Problems of rule files and recipes as the `check` commands print them.
#pragma once

#include "engine/problem.h"
#include "tools/switchyard/arguments.h"

namespace switchyard {

// A line each on standard output, or a JSON list; their number on standard error. Gives the exit
// status: 2 when one of them is an error.
int print_problems(const Problems& problems, const Arguments& arguments);

}  // namespace switchyard
