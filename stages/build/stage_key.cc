#include "stages/build/stage_key.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

#include "engine/error.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

struct stat status_of(const fs::path& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) {
    throw Error(ErrorKind::kModel, {file.string()},
                std::string("can't be read: ") + std::strerror(errno),
                "Check that the file is there and readable");
  }
  return status;
}

std::string time_text(const struct stat& status) {
  return std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec);
}

}  // namespace

StageKey::StageKey(std::string_view stage, std::string_view tool_version) {
  add("stage", stage);
  add("tool", tool_version);
}

void StageKey::add(std::string_view name, std::string_view value) {
  add_piece(name);
  add_piece(value);
}

void StageKey::add_value(std::string_view name, const Value& value) { add(name, value.to_json()); }

void StageKey::add_piece(std::string_view text) {
  digest_.add(std::to_string(text.size()) + ":");
  digest_.add(text);
}

std::string weight_identity(const WeightFile& file, WeightDigest how) {
  if (how == WeightDigest::kFull) return "content " + sha256_of_file(file.path);
  return "header " + file.header_digest + " " + file_identity(file.path);
}

std::string file_identity(const fs::path& file) {
  const struct stat status = status_of(file);
  return "size " + std::to_string(status.st_size) + " modified " + time_text(status) + " inode " +
         std::to_string(status.st_ino);
}

std::string data_identity(const fs::path& path) {
  std::vector<std::string> entries;
  const auto add = [&](const fs::path& file) {
    const struct stat status = status_of(file);
    entries.push_back(file.lexically_relative(path).string() + " " +
                      std::to_string(status.st_size) + " " + time_text(status));
  };
  std::error_code failed;
  if (fs::is_directory(path, failed)) {
    for (fs::recursive_directory_iterator next(path, failed), end; !failed && next != end;
         next.increment(failed)) {
      std::error_code ignored;
      if (next->is_regular_file(ignored)) add(next->path());
    }
    if (failed) {
      throw Error(ErrorKind::kModel, {path.string()}, "can't be listed: " + failed.message(),
                  "Check that the directory is readable");
    }
  } else {
    add(path);
  }
  std::sort(entries.begin(), entries.end());
  Sha256 digest;
  for (const std::string& entry : entries) digest.add(entry + "\n");
  return digest.hex();
}

}  // namespace switchyard
