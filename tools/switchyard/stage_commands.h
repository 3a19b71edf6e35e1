// The commands that need ONNX, protobuf or ONNX Runtime. They live in a module of their own,
// libswitchyard-stages.so, which is opened when the first of them is used: linking those libraries
// costs 6 ms at every start, and inspect, config and rules touch none of them.
//
// Program and module share libswitchyard.so (engine, checkpoints, resolution), so rule books and
// facts are the same objects on both sides. Rejected: a static engine in each, whose interned fact
// names would differ; and a second program, which would have to print a second program's errors.
#pragma once

#include "tools/switchyard/arguments.h"

namespace switchyard {

// One row a command; each returns the exit status and throws Error.
struct StageCommands {
  const char* version;  // must be the program's own
  int (*export_command)(const Arguments& arguments);
  int (*optimize_command)(const Arguments& arguments);
  int (*quantize_command)(const Arguments& arguments);
  int (*build_command)(const Arguments& arguments);
  int (*verify_command)(const Arguments& arguments);
  int (*run_command)(const Arguments& arguments);
  int (*eval_command)(const Arguments& arguments);
  int (*perf_command)(const Arguments& arguments);
  int (*checkpoint_to_safetensors)(const Arguments& arguments);
  int (*inspect_graph)(const Arguments& arguments);    // `inspect -m X.onnx`
  int (*inspect_weights)(const Arguments& arguments);  // `inspect --weights`
  int (*recipe_new)(const Arguments& arguments);
  int (*recipe_check)(const Arguments& arguments);
  int (*recipe_trace)(const Arguments& arguments);
};

// Opens the module on first use. Throws Error(kModel) when it is not beside the program or is of
// another version. Thread-safe; the module stays loaded until the process ends.
const StageCommands& stage_commands();

// The one symbol the module exports.
using StageCommandsFunction = const StageCommands* (*)();
inline constexpr const char* kStageCommandsSymbol = "switchyard_stage_commands";

}  // namespace switchyard
