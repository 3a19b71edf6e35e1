#include "stages/build/carried_files.h"

#include <system_error>

#include "engine/output_file.h"
#include "engine/digest.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

bool same_content(const fs::path& a, const fs::path& b) {
  std::error_code failed;
  if (!fs::is_regular_file(b, failed)) return false;
  if (fs::equivalent(a, b, failed)) return true;
  if (fs::file_size(a, failed) != fs::file_size(b, failed) || failed) return false;
  return sha256_of_file(a) == sha256_of_file(b);
}

}  // namespace

std::vector<std::string> carry_files(const RuleBook& rules, const ModelSource& source,
                                     const fs::path& directory) {
  std::vector<std::string> carried;
  for (const std::string& name : rules.keys("carried_files")) {
    const fs::path from = source.directory / name;
    std::error_code failed;
    if (!fs::is_regular_file(from, failed)) continue;
    const fs::path to = directory / name;
    if (!same_content(from, to)) copy_file_atomically(from, to);
    carried.push_back(name);
  }
  return carried;
}

}  // namespace switchyard
