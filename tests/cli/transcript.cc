#include "tests/cli/transcript.h"

#include <regex>
#include <sstream>

namespace switchyard {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  while (!lines.empty() && lines.back().find_first_not_of(" \t") == std::string::npos) {
    lines.pop_back();
  }
  return lines;
}

bool line_matches(const std::string& expected, const std::string& printed) {
  static const std::regex special(R"([\\^$|()\[\]{}*+?])");
  std::string pattern = std::regex_replace(expected, special, R"(\$&)");
  std::string wild;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern.compare(i, 3, "...") == 0) {
      wild += ".*";
      i += 2;
    } else {
      wild += pattern[i] == '.' ? std::string("\\.") : std::string(1, pattern[i]);
    }
  }
  return std::regex_match(printed, std::regex(wild));
}

using Lines = std::vector<std::string>;

bool lines_match(const Lines& expected, std::size_t e, const Lines& printed, std::size_t p) {
  for (; e < expected.size(); ++e, ++p) {
    const std::size_t begin = expected[e].find_first_not_of(' ');
    if (begin != std::string::npos && expected[e].substr(begin) == "...") {
      for (std::size_t skip = p; skip <= printed.size(); ++skip) {
        if (lines_match(expected, e + 1, printed, skip)) return true;
      }
      return false;
    }
    if (p >= printed.size() || !line_matches(expected[e], printed[p])) return false;
  }
  return p == printed.size();
}

}  // namespace

std::vector<TranscriptStep> read_transcript(const std::string& document) {
  static const std::regex file_name(R"(`([^`]+)`:)");
  std::vector<TranscriptStep> steps;
  std::istringstream in(document);
  std::string line, paragraph;
  bool in_block = false, is_console = false;
  for (int number = 1; std::getline(in, line); ++number) {
    if (in_block && line == "```") {
      in_block = false;
    } else if (in_block && is_console && line.starts_with("$ ")) {
      steps.push_back({number, "", line.substr(2), ""});
    } else if (in_block) {
      if (!steps.empty()) steps.back().text += line + "\n";
    } else if (line.starts_with("```")) {
      std::smatch match;
      is_console = line == "```console";
      in_block = is_console || std::regex_match(paragraph, match, file_name);
      if (in_block && !is_console) steps.push_back({number, match[1], "", ""});
      paragraph.clear();
    } else if (!line.empty()) {
      paragraph = line;
    }
  }
  return steps;
}

bool matches_transcript(const std::string& expected, const std::string& printed) {
  return lines_match(lines_of(expected), 0, lines_of(printed), 0);
}

}  // namespace switchyard
