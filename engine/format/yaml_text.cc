#include "engine/format/yaml_text.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "engine/yaml_scalar.h"

namespace switchyard {

namespace {

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kDigits = "0123456789";
// Beside letters and digits; as the first character only some of them.
constexpr std::string_view kPlain = "_./-+()=*'^$\\@~;!<>|? ";
constexpr std::string_view kPlainFirst = "_./(";

bool has(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }

// Words that readers of YAML 1.1 take for booleans.
bool is_old_boolean(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  for (const char* word : {"yes", "no", "on", "off", "y", "n"}) {
    if (lower == word) return true;
  }
  return false;
}

bool is_plain(std::string_view text) {
  if (text.empty() || text.back() == ' ' || is_old_boolean(text)) return false;
  if (!core_scalar(text).is_string()) return false;
  const auto is_word = [](char c) {
    return has(kLetters, c) || has(kDigits, c) || static_cast<unsigned char>(c) >= 0x80;
  };
  if (!is_word(text.front()) && !has(kPlainFirst, text.front())) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_word(c) || has(kPlain, c); });
}

}  // namespace

std::string yaml_text(const Value& value) {
  std::string text;
  switch (value.kind()) {
    case Value::Kind::kString:
      return is_plain(value.as_string()) ? value.as_string() : value.to_json();
    case Value::Kind::kFloat: {
      const double number = value.as_double();
      if (std::isnan(number)) return ".nan";
      if (std::isinf(number)) return number < 0 ? "-.inf" : ".inf";
      return value.to_json();
    }
    case Value::Kind::kList:
      for (const Value& item : value.as_list()) {
        text += (text.empty() ? "" : ", ") + yaml_text(item);
      }
      return '[' + text + ']';
    case Value::Kind::kMap:
      for (const auto& [key, item] : value.as_map()) {
        text += (text.empty() ? "" : ", ") + yaml_text(key) + ": " + yaml_text(item);
      }
      return '{' + text + '}';
    default:
      return value.to_json();
  }
}

}  // namespace switchyard
