#include "stages/checkpoint/directory.h"

#include <algorithm>
#include <system_error>

namespace switchyard {

std::vector<std::string> file_names_in(const std::filesystem::path& directory) {
  namespace fs = std::filesystem;
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace switchyard
