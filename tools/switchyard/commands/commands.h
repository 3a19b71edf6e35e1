// The commands of the program itself: they load nothing but the rules and a config.
#pragma once

#include "tools/switchyard/arguments.h"

namespace switchyard {

int inspect_command(const Arguments& arguments);
int config_command(const Arguments& arguments);
int rules_command(const Arguments& arguments);

}  // namespace switchyard
