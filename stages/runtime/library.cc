#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/error.h"
#include "stages/runtime/ort.h"
#include "stages/runtime/session.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLibrary = "libonnxruntime.so.1";

std::vector<std::string> candidates() {
  std::error_code ignored;
  if (const char* chosen = std::getenv("SWITCHYARD_ONNXRUNTIME"); chosen && *chosen) {
    const fs::path path = chosen;
    return {fs::is_directory(path, ignored) ? (path / kLibrary).string() : path.string()};
  }
  std::vector<std::string> paths;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  if (!program.empty()) {
    const fs::path folder = program.parent_path();
    for (const fs::path& path :
         {folder.parent_path() / "lib" / "switchyard" / kLibrary, folder / kLibrary}) {
      if (fs::exists(path, ignored)) paths.push_back(path.string());
    }
  }
  if (fs::exists(SWITCHYARD_ONNXRUNTIME_LIBRARY, ignored)) {
    paths.emplace_back(SWITCHYARD_ONNXRUNTIME_LIBRARY);
  }
  paths.emplace_back(kLibrary);
  return paths;
}

struct Library {
  std::string path;
  const OrtApiBase* base = nullptr;
  const OrtApi* api = nullptr;
};

// The handle is never closed: ONNX Runtime's threads and static data live as long as the process.
Library open_library() {
  std::string tried;
  for (const std::string& path : candidates()) {
    tried += tried.empty() ? path : ", " + path;
    void* handle = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
    if (!handle) continue;
    using GetBase = const OrtApiBase* (*)();
    const auto get_base = reinterpret_cast<GetBase>(dlsym(handle, "OrtGetApiBase"));
    if (!get_base) continue;
    const OrtApiBase* base = get_base();
    const OrtApi* api = base->GetApi(ORT_API_VERSION);
    if (!api) {
      throw Error(ErrorKind::kModel, {path},
                  std::string("this ONNX Runtime is version ") + base->GetVersionString() +
                      ", older than 1." + std::to_string(ORT_API_VERSION) + " which is needed",
                  "Install a newer one, or name another with SWITCHYARD_ONNXRUNTIME");
    }
    return {path, base, api};
  }
  throw Error(ErrorKind::kModel, {}, "ONNX Runtime could not be loaded (tried " + tried + ")",
              "Run tools/setup.sh, or name libonnxruntime.so.1 with SWITCHYARD_ONNXRUNTIME");
}

const Library& library() {
  static const Library opened = [] {
    Library found = open_library();
    Ort::InitApi(found.api);
    return found;
  }();
  return opened;
}

}  // namespace

Ort::Env& ort_environment() {
  // Only fatal messages are logged: every failure comes back as an exception as well, and reaches
  // the user in our words. Never destroyed, see open_library.
  static Ort::Env* const environment = [] {
    library();
    auto* created = new Ort::Env(ORT_LOGGING_LEVEL_FATAL, "switchyard");
    created->DisableTelemetryEvents();
    return created;
  }();
  return *environment;
}

std::string onnxruntime_version() { return library().base->GetVersionString(); }

}  // namespace switchyard
