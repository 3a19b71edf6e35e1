#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/error.h"
#include "engine/format/format.h"
#include "engine/output_file.h"
#include "engine/rule_files.h"
#include "tools/switchyard/commands/commands.h"
#include "tools/switchyard/console.h"
#include "tools/switchyard/line_diff.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDefaultPath = "rules";
constexpr std::size_t kDiffLines = 24;  // of each file that would change
constexpr int kWrong = 2;
constexpr int kDifferences = 3;

struct File {
  fs::path path;
  std::shared_ptr<const std::string> text;
};

std::shared_ptr<const std::string> read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  auto text = std::make_shared<std::string>(std::istreambuf_iterator<char>(stream),
                                            std::istreambuf_iterator<char>());
  if (!stream.is_open() || stream.bad()) {
    throw Error(ErrorKind::kUsage, {path.string()}, "can't be read", "Check that it may be opened");
  }
  return text;
}

// The files of a folder as the rule book reads them; a file that is named is taken whatever it is
// called.
void add_files(const std::string& operand, std::vector<File>& files) {
  std::error_code unknown;
  const fs::file_status status = fs::status(operand, unknown);
  if (!fs::exists(status)) {
    throw Error(ErrorKind::kUsage, {operand}, "is not there", "Give files or folders of rules");
  }
  if (!fs::is_directory(status)) {
    files.push_back({operand, read_file(operand)});
    return;
  }
  for (const RuleFile& file : read_rule_directory(operand, operand)) {
    files.push_back({file.name, file.text});
  }
}

struct Formatted {
  std::string text;
  std::optional<Error> fault;
};

// All files at once, on all cores: most of the time goes into parsing YAML.
std::vector<Formatted> format_all(const std::vector<File>& files) {
  std::vector<Formatted> formatted(files.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < files.size(); i = next++) {
      try {
        formatted[i].text = format_rules(*files[i].text, files[i].path.string());
      } catch (const Error& fault) {
        formatted[i].fault = fault;
      }
    }
  };
  std::vector<std::jthread> workers;
  const std::size_t cores =
      std::min<std::size_t>(std::thread::hardware_concurrency(), files.size());
  for (std::size_t i = 1; i < cores; ++i) workers.emplace_back(work);
  work();
  workers.clear();
  return formatted;
}

}  // namespace

int rules_fmt_command(const Arguments& arguments) {
  std::vector<File> files;
  if (arguments.operands.empty()) add_files(kDefaultPath, files);
  for (const std::string& operand : arguments.operands) add_files(operand, files);

  Console console(arguments);
  std::size_t changed = 0, wrong = 0;
  const std::vector<Formatted> all = format_all(files);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto& [path, text] = files[i];
    const auto& [formatted, fault] = all[i];
    if (fault) {
      print_error(fault->what());  // the other files are formatted all the same
      ++wrong;
      continue;
    }
    if (formatted == *text) continue;
    ++changed;
    if (arguments.check_only) {
      std::printf("%s\n%s", path.c_str(), line_diff(*text, formatted, kDiffLines).c_str());
    } else {
      rewrite_file_atomically(path, formatted);
      std::printf("%s\n", path.c_str());
    }
  }
  console.note(std::to_string(files.size()) + (files.size() == 1 ? " file, " : " files, ") +
               std::to_string(changed) + (arguments.check_only ? " would change" : " changed") +
               (wrong > 0 ? ", " + std::to_string(wrong) + " can't be formatted" : ""));
  if (wrong > 0) return kWrong;
  return arguments.check_only && changed > 0 ? kDifferences : 0;
}

}  // namespace switchyard
