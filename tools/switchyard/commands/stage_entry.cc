#include "tools/switchyard/commands/stage_entry.h"

#include "tools/switchyard/stage_commands.h"
#include "tools/switchyard/version.h"

extern "C" __attribute__((visibility("default"))) const switchyard::StageCommands*
switchyard_stage_commands() {
  static constexpr switchyard::StageCommands kCommands = {
      .version = switchyard::kVersion,
      .export_command = switchyard::export_command,
      .optimize_command = switchyard::optimize_command,
      .quantize_command = switchyard::quantize_command,
      .build_command = switchyard::build_command,
      .verify_command = switchyard::verify_command,
      .run_command = switchyard::run_command,
      .eval_command = switchyard::eval_command,
      .perf_command = switchyard::perf_command,
      .checkpoint_to_safetensors = switchyard::checkpoint_to_safetensors,
      .inspect_graph = switchyard::inspect_graph,
      .inspect_weights = switchyard::inspect_weights,
      .recipe_new = switchyard::recipe_new,
      .recipe_check = switchyard::recipe_check,
      .recipe_trace = switchyard::recipe_trace,
  };
  return &kCommands;
}
