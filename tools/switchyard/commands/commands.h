// The commands of the program itself: they load nothing but the rules and a config.
#pragma once

#include "tools/switchyard/arguments.h"

namespace switchyard {

int inspect_command(const Arguments& arguments);
int config_command(const Arguments& arguments);
int rules_check_command(const Arguments& arguments);
int rules_explain_command(const Arguments& arguments);
int rules_test_command(const Arguments& arguments);
int rules_impact_command(const Arguments& arguments);
int rules_list_command(const Arguments& arguments);
int rules_show_command(const Arguments& arguments);
int rules_fmt_command(const Arguments& arguments);
int rules_watch_command(const Arguments& arguments);

}  // namespace switchyard
