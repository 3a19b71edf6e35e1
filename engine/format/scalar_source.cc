#include "engine/format/scalar_source.h"

#include <algorithm>

namespace switchyard::format {

namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::size_t kNone = std::string_view::npos;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view line_at(std::string_view text, std::size_t begin) {
  return text.substr(begin, std::min(text.find('\n', begin), text.size()) - begin);
}

// Blanks at the end of a line fall away when it is folded, unless the first is escaped.
std::string_view without_trailing_blanks(std::string_view line, bool escapes) {
  const std::size_t last = line.find_last_not_of(kBlanks);
  const std::string_view kept = line.substr(0, last == kNone ? 0 : last + 1);
  if (!escapes || kept.size() == line.size()) return kept;
  const std::size_t before = kept.find_last_not_of('\\');
  const std::size_t backslashes = kept.size() - (before == kNone ? 0 : before + 1);
  return backslashes % 2 == 1 ? line.substr(0, kept.size() + 1) : kept;
}

// The lines of a plain or quoted scalar, whose blanks around line ends mean nothing.
std::vector<std::string> folded_lines(std::string_view source, bool escapes) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at <= source.size();) {
    std::string_view line = line_at(source, at);
    at += line.size() + 1;
    const bool is_last = at > source.size();
    if (!lines.empty()) line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
    lines.emplace_back(is_last ? line : without_trailing_blanks(line, escapes));
  }
  return lines;
}

std::size_t quoted_end(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || i + 1 >= text.size() || text[i + 1] != quote) return i + 1;
      ++i;
    }
  }
  return kNone;
}

// Walks text and parsed text side by side: n line ends stand for a blank, or for n - 1 line ends.
std::size_t plain_end(std::string_view text, std::size_t begin, const std::string& parsed) {
  std::size_t at = begin;
  for (std::size_t i = 0; i < parsed.size();) {
    if (parsed[i] == ' ' || parsed[i] == '\n') {
      std::size_t next = at, line_ends = 0;
      while (next < text.size() && (is_blank(text[next]) || text[next] == '\n')) {
        line_ends += text[next++] == '\n' ? 1 : 0;
      }
      if (line_ends > 0) {
        at = next;
        i += std::max<std::size_t>(line_ends - 1, 1);
        continue;
      }
    }
    if (at >= text.size() || text[at] != parsed[i]) return kNone;
    ++at;
    ++i;
  }
  return at;
}

// A line of a block scalar without `indent` blanks; nothing for one that ends the scalar.
bool block_line(std::string_view line, std::size_t indent, std::string& content) {
  const std::size_t first = line.find_first_not_of(' ');
  if (first == kNone) {
    content = line.size() > indent ? line.substr(indent) : "";
    return true;
  }
  if (first < indent) return false;
  content = line.substr(indent);
  return true;
}

ScalarSource block_source(std::string_view text, std::size_t begin, std::size_t parent_indent) {
  ScalarSource source;
  source.is_block = true;
  std::string_view header = line_at(text, begin);
  std::size_t at = begin + header.size() + 1;
  header = without_trailing_blanks(header, false);
  const std::string_view indicators = header.substr(0, header.find_first_of(" \t#"));
  source.keeps_newlines = indicators.find('+') != kNone;

  std::size_t indent = parent_indent + 1;
  const std::size_t digit = indicators.find_first_of("123456789");
  source.lines.emplace_back(header);
  bool is_empty = false;  // then blanks, too, are nothing
  if (digit != kNone) {
    indent = parent_indent + static_cast<std::size_t>(indicators[digit] - '0');
    source.lines[0][digit] = '2';  // what it is written with
  } else {
    is_empty = true;
    for (std::size_t i = at; i < text.size();) {
      const std::string_view line = line_at(text, i);
      i += line.size() + 1;
      const std::size_t first = line.find_first_not_of(' ');
      if (first == kNone) continue;
      indent = std::max(indent, first);
      is_empty = first < indent;
      break;
    }
  }
  std::string content;
  std::size_t end = std::min(at - 1, text.size());
  while (at < text.size()) {
    const std::string_view line = line_at(text, at);
    if (!block_line(line, indent, content)) break;
    source.lines.push_back(is_empty ? "" : content);
    end = at + line.size();
    at = end + 1;
  }
  if (!source.keeps_newlines) {
    while (source.lines.size() > 1 && source.lines.back().empty()) source.lines.pop_back();
  }
  source.end = end;
  return source;
}

}  // namespace

ScalarSource scalar_source(std::string_view text, std::size_t begin, const std::string& parsed,
                           std::size_t parent_indent) {
  const char first = begin < text.size() ? text[begin] : '\0';
  if (first == '|' || first == '>') return block_source(text, begin, parent_indent);
  const bool is_quoted = first == '"' || first == '\'';
  ScalarSource source;
  source.end = is_quoted ? quoted_end(text, begin) : plain_end(text, begin, parsed);
  if (source.end == kNone) return source;
  source.lines = folded_lines(text.substr(begin, source.end - begin), first == '"');
  return source;
}

}  // namespace switchyard::format
