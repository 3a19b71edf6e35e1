// The commands of the module (stage_commands.h says why it is one).
#pragma once

#include "tools/switchyard/arguments.h"

namespace switchyard {

int export_command(const Arguments& arguments);
int optimize_command(const Arguments& arguments);
int quantize_command(const Arguments& arguments);
int build_command(const Arguments& arguments);
int verify_command(const Arguments& arguments);
int run_command(const Arguments& arguments);
int eval_command(const Arguments& arguments);
int perf_command(const Arguments& arguments);
int checkpoint_to_safetensors(const Arguments& arguments);
int inspect_graph(const Arguments& arguments);
int inspect_weights(const Arguments& arguments);
int recipe_new(const Arguments& arguments);
int recipe_check(const Arguments& arguments);
int recipe_trace(const Arguments& arguments);

}  // namespace switchyard
