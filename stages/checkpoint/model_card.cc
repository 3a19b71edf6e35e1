#include "stages/checkpoint/model_card.h"

#include "engine/text.h"

namespace switchyard {
namespace {

// A YAML scalar as people write it here: quoted, or plain up to a comment.
std::optional<std::string> scalar(std::string_view text) {
  text = trim(text);
  if (text.empty()) return {};
  const char quote = text.front();
  if (quote == '"' || quote == '\'') {
    const auto end = text.find(quote, 1);
    if (end == text.npos) return {};
    return std::string(text.substr(1, end - 1));
  }
  if (text.front() == '#') return {};
  if (const auto comment = text.find(" #"); comment != text.npos) {
    text = trim(text.substr(0, comment));
  }
  // A list, a map, an anchor, a block scalar: not a plain value.
  if (text.empty() || std::string_view("[{&*!|>%@`").find(text.front()) != text.npos) return {};
  if (text == "null" || text == "~") return {};
  return std::string(text);
}

}  // namespace

std::optional<std::string> front_matter_value(std::string_view card, std::string_view key) {
  if (card.starts_with("\xEF\xBB\xBF")) card.remove_prefix(3);
  bool inside = false;
  while (!card.empty()) {
    const auto end = card.find('\n');
    std::string_view line = card.substr(0, end);
    card.remove_prefix(end == card.npos ? card.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!inside) {
      if (trim(line) != "---") return {};
      inside = true;
      continue;
    }
    if (trim(line) == "---") return {};
    if (line.starts_with(key)) {
      std::string_view rest = line.substr(key.size());
      if (trim(rest).starts_with(':')) return scalar(trim(rest).substr(1));
    }
  }
  return {};
}

}  // namespace switchyard
