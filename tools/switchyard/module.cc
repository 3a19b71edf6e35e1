#include "tools/switchyard/module.h"

#include <dlfcn.h>

#include <filesystem>
#include <string_view>

#include "engine/error.h"
#include "tools/switchyard/version.h"

namespace switchyard {
namespace {

// The build tree and the installed tree have the same shape here.
std::filesystem::path module_path(const std::string& file) {
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (failed) return file;
  return (program.parent_path() / "../lib/switchyard" / file).lexically_normal();
}

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
  throw Error(ErrorKind::kModel, {path.string()}, what,
              "Install Switchyard again: program and modules belong together");
}

}  // namespace

void* open_module(const std::string& file, const char* symbol) {
  const std::filesystem::path path = module_path(file);
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) fail(path, "this part of the program is missing");
  void* const module = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (module == nullptr) {
    fail(path,
         "this part of the program can't be loaded: a library it needs is missing or damaged");
  }
  void* const address = dlsym(module, symbol);
  if (address == nullptr) fail(path, "this part of the program is of another version");
  return address;
}

void require_module_version(const std::string& file, const char* version) {
  if (std::string_view(version) == kVersion) return;
  fail(module_path(file), "this part of the program is of another version");
}

}  // namespace switchyard
