#include "tests/house/source_files.h"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace switchyard::house {

namespace fs = std::filesystem;

std::vector<SourceFile> production_sources() {
  const fs::path root = SWITCHYARD_SOURCE_DIR;
  std::vector<SourceFile> files;
  for (const char* part : {"engine", "stages", "tools"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / part)) {
      const auto extension = entry.path().extension();
      if (!entry.is_regular_file() || (extension != ".h" && extension != ".cc")) continue;
      std::ostringstream text;
      text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      files.push_back({fs::relative(entry.path(), root).generic_string(), text.str()});
    }
  }
  return files;
}

std::vector<std::string> string_literals(const std::string& text) {
  std::vector<std::string> literals;
  std::size_t i = 0;
  const auto at = [&](std::size_t k) { return k < text.size() ? text[k] : '\0'; };
  while (i < text.size()) {
    if (at(i) == '/' && at(i + 1) == '/') {
      i = std::min(text.find('\n', i), text.size());
    } else if (at(i) == '/' && at(i + 1) == '*') {
      const auto end = text.find("*/", i + 2);
      i = end == std::string::npos ? text.size() : end + 2;
    } else if (at(i) == 'R' && at(i + 1) == '"') {
      const auto open = text.find('(', i);
      if (open == std::string::npos) break;
      const std::string close = ")" + text.substr(i + 2, open - i - 2) + "\"";
      const auto end = std::min(text.find(close, open), text.size());
      literals.push_back(text.substr(open + 1, end - open - 1));
      i = std::min(end + close.size(), text.size());
    } else if (at(i) == '"') {
      std::string literal;
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\') ++i;
        literal += at(i);
      }
      ++i;
      literals.push_back(literal);
    } else if (at(i) == '\'' && i > 0 && !std::isalnum(static_cast<unsigned char>(text[i - 1]))) {
      for (++i; i < text.size() && text[i] != '\''; ++i) {
        if (text[i] == '\\') ++i;
      }
      ++i;
    } else {
      ++i;
    }
  }
  return literals;
}

}  // namespace switchyard::house
