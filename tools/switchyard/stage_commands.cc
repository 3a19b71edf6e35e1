#include "tools/switchyard/stage_commands.h"

#include "tools/switchyard/module.h"

namespace switchyard {
namespace {

constexpr const char* kModuleName = "libswitchyard-stages.so";

const StageCommands& open_commands() {
  const auto function =
      reinterpret_cast<StageCommandsFunction>(open_module(kModuleName, kStageCommandsSymbol));
  require_module_version(kModuleName, function()->version);
  return *function();
}

}  // namespace

const StageCommands& stage_commands() {
  static const StageCommands& commands = open_commands();
  return commands;
}

}  // namespace switchyard
