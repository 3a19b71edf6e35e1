#include "tools/switchyard/commands/output_target.h"

#include <system_error>

#include "engine/error.h"
#include "engine/output_file.h"

namespace switchyard {

namespace fs = std::filesystem;

bool is_empty_directory(const fs::path& directory) {
  std::error_code failed;
  fs::directory_iterator entries(directory, failed);
  return !failed && entries == fs::directory_iterator();
}

OutputTarget::OutputTarget(const std::string& output, bool overwrite)
    : is_directory_(!output.ends_with(".onnx")) {
  const fs::path path = output;
  directory_ = is_directory_ ? path : path.parent_path();
  if (directory_.empty()) directory_ = ".";
  file_ = is_directory_ ? directory_ / "model.onnx" : path;

  std::error_code failed;
  if (overwrite || !fs::exists(fs::symlink_status(path, failed))) return;
  if (is_directory_ && is_empty_directory(path)) return;
  throw Error(ErrorKind::kUsage, {output}, "there is something here already",
              "Choose another place with -o, or replace it with --overwrite");
}

OutputTarget::~OutputTarget() {
  std::error_code ignored;
  if (made_ && is_empty_directory(directory_)) fs::remove(directory_, ignored);
}

void OutputTarget::prepare() {
  std::error_code ignored;
  made_ = !fs::exists(directory_, ignored);
  create_directory_for_output(directory_);
}

}  // namespace switchyard
