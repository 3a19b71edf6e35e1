#include "stages/build/carried_files.h"

#include <fnmatch.h>

#include <algorithm>
#include <set>
#include <system_error>

#include "engine/digest.h"
#include "engine/output_file.h"
#include "stages/checkpoint/labels.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLabelsFile = "labels.txt";

bool same_content(const fs::path& a, const fs::path& b) {
  std::error_code failed;
  if (!fs::is_regular_file(b, failed)) return false;
  if (fs::equivalent(a, b, failed)) return true;
  if (fs::file_size(a, failed) != fs::file_size(b, failed) || failed) return false;
  return sha256_of_file(a) == sha256_of_file(b);
}

// The names in `files` that `pattern` stands for.
std::vector<std::string> matches(const std::string& pattern, const std::set<std::string>& files) {
  std::vector<std::string> names;
  for (const std::string& name : files) {
    if (fnmatch(pattern.c_str(), name.c_str(), FNM_NOESCAPE | FNM_PERIOD) == 0) {
      names.push_back(name);
    }
  }
  return names;
}

// Of the directory itself; links to files count, as a cache is made of them.
std::set<std::string> files_in(const fs::path& directory) {
  std::set<std::string> names;
  std::error_code failed;
  for (fs::directory_iterator next(directory, failed), end; !failed && next != end;
       next.increment(failed)) {
    std::error_code ignored;
    if (next->is_regular_file(ignored)) names.insert(next->path().filename().string());
  }
  return names;
}

// Whether an output's last dimension counts these classes.
bool answers_in(const std::vector<std::string>& labels, const Resolution& resolution) {
  const auto classes = Value(static_cast<std::int64_t>(labels.size()));
  return std::any_of(resolution.outputs.begin(), resolution.outputs.end(),
                     [&](const TensorSpec& output) {
                       return !output.dims.empty() && output.dims.back() == classes;
                     });
}

}  // namespace

std::vector<std::string> carry_files(const RuleBook& rules, const ModelSource& source,
                                     const Resolution& resolution, const fs::path& directory) {
  std::vector<std::string> carried;
  const std::set<std::string> files = files_in(source.directory);
  std::set<std::string> done;
  for (const std::string& pattern : rules.keys("carried_files")) {
    for (const std::string& name : matches(pattern, files)) {
      if (!done.insert(name).second) continue;
      const fs::path from = source.directory / name;
      const fs::path to = directory / name;
      if (!same_content(from, to)) copy_file_atomically(from, to);
      carried.push_back(name);
    }
  }
  const std::vector<std::string> labels = labels_beyond_config(rules, source.config);
  if (!labels.empty() && answers_in(labels, resolution)) {
    std::string text;
    for (const std::string& label : labels) text += label + '\n';
    write_file_atomically(directory / kLabelsFile, text);
    carried.emplace_back(kLabelsFile);
  }
  return carried;
}

}  // namespace switchyard
