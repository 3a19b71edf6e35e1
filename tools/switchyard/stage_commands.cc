#include "tools/switchyard/stage_commands.h"

#include <dlfcn.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "engine/error.h"
#include "tools/switchyard/version.h"

namespace switchyard {
namespace {

constexpr const char* kModuleName = "libswitchyard-stages.so";

// The build tree and the installed tree have the same shape here.
std::filesystem::path module_path() {
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (failed) return kModuleName;
  return (program.parent_path() / "../lib/switchyard" / kModuleName).lexically_normal();
}

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
  throw Error(ErrorKind::kModel, {path.string()}, what,
              "Install Switchyard again: program and modules belong together");
}

const StageCommands& open_module() {
  const std::filesystem::path path = module_path();
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) fail(path, "this part of the program is missing");
  void* module = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (module == nullptr) {
    fail(path,
         "this part of the program can't be loaded: a library it needs is missing or damaged");
  }
  const auto function =
      reinterpret_cast<StageCommandsFunction>(dlsym(module, kStageCommandsSymbol));
  if (function == nullptr || std::string_view(function()->version) != kVersion) {
    fail(path, "this part of the program is of another version");
  }
  return *function();
}

}  // namespace

const StageCommands& stage_commands() {
  static const StageCommands& commands = open_module();
  return commands;
}

}  // namespace switchyard
