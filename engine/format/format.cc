#include "engine/format/format.h"

#include <vector>

#include "engine/error.h"
#include "engine/format/canonical_order.h"
#include "engine/format/emit.h"
#include "engine/format/same_meaning.h"
#include "engine/format/source_tree.h"
#include "engine/yaml.h"

namespace switchyard {

namespace {

struct Part {
  std::string text;
  int first_line = 1;
};

// Lines that end in "\r\n" end in "\n"; a '\r' elsewhere is no line end to keep.
std::string normalized(std::string_view text, const std::string& file) {
  std::string result;
  result.reserve(text.size() + 1);
  int line = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    if (text[i] == '\r') {
      throw Error(ErrorKind::kUsage, {file, line}, "holds a carriage return inside a line",
                  "Save the file with the line ends of Unix");
    }
    line += text[i] == '\n' ? 1 : 0;
    result += text[i];
  }
  return result;
}

bool begins_document(std::string_view line) {
  return line.starts_with("---") && (line.size() == 3 || line[3] == ' ' || line[3] == '\t');
}

// What stands behind "---" on its line belongs to the document.
std::vector<Part> split(const std::string& text) {
  std::vector<Part> parts(1);
  int number = 1;
  for (std::size_t at = 0; at < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    std::string line = text.substr(at, end - at);
    at = end;
    if (begins_document(std::string_view(line).substr(0, line.find('\n')))) {
      parts.push_back({{}, number});
      line.replace(0, 3, "   ");
    }
    parts.back().text += line;
  }
  return parts;
}

std::string format_document(const Part& part, const std::string& file) {
  const YamlNode before = parse_yaml(part.text, file, part.first_line);  // its errors and limits
  format::Document document = format::read_source(part.text, file, part.first_line);
  format::order_keys(document.root);
  std::string text = format::emit(document);
  if (text == part.text) return text;
  bool is_same = false;
  try {
    is_same = format::same_meaning(before, document.all_comments, text, file);
  } catch (const Error&) {
    // Then the text that was made is no YAML: a fault of the formatter, not of the file.
  }
  if (is_same) return text;
  throw Error(ErrorKind::kUsage, {file, part.first_line},
              "can't be formatted without changing what it means",
              "Write its unusual parts in a plainer way; the file is left as it is");
}

}  // namespace

std::string format_rules(std::string_view text, const std::string& file) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::string result;
  for (const Part& part : split(normalized(text, file))) {
    const std::string document = format_document(part, file);
    if (document.empty()) continue;
    if (!result.empty()) result += "---\n";
    result += document;
  }
  return result;
}

}  // namespace switchyard
