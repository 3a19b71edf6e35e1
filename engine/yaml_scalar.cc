#include "engine/yaml_scalar.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace switchyard {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool read_integer(std::string_view text, Value& value) {
  int base = 10;
  std::string_view digits = text;
  if (text.starts_with("0x") || text.starts_with("0o")) {
    base = text[1] == 'x' ? 16 : 8;
    digits.remove_prefix(2);
    if (digits.starts_with('-')) return false;
  } else if (digits.starts_with('+')) {
    digits.remove_prefix(1);
    if (digits.starts_with('-')) return false;
  }
  std::int64_t number = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, fault] = std::from_chars(digits.data(), end, number, base);
  if (digits.empty() || stop != end || fault != std::errc{}) return false;
  value = Value(number);
  return true;
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool looks_like_float(std::string_view text) {
  const auto digits = [&] {
    const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
    const auto count = end - text.begin();
    text.remove_prefix(static_cast<std::size_t>(count));
    return count > 0;
  };
  const auto take = [&](std::string_view any_of) {
    if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
  };
  take("+-");
  const bool whole = digits();
  if (take(".")) {
    if (!digits() && !whole) return false;
  } else if (!whole) {
    return false;
  }
  if (take("eE")) {
    take("+-");
    if (!digits()) return false;
  }
  return text.empty();
}

bool read_float(std::string_view text, Value& value) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::string_view bare =
      text.starts_with('+') || text.starts_with('-') ? text.substr(1) : text;
  if (bare == ".inf" || bare == ".Inf" || bare == ".INF") {
    value = Value(text.front() == '-' ? -kInfinity : kInfinity);
    return true;
  }
  if (text == ".nan" || text == ".NaN" || text == ".NAN") {
    value = Value(std::numeric_limits<double>::quiet_NaN());
    return true;
  }
  if (!looks_like_float(text)) return false;
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [stop, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault == std::errc::result_out_of_range) {
    // Too large or too small for a double; an exponent decides which.
    const std::size_t e = text.find_first_of("eE");
    const bool tiny = e != std::string_view::npos && text.substr(e + 1).starts_with('-');
    number = tiny ? 0.0 : kInfinity;
    if (text.starts_with('-')) number = -number;
  }
  value = Value(number);
  return true;
}

}  // namespace

Value core_scalar(std::string_view text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    return Value();
  }
  if (text == "true" || text == "True" || text == "TRUE") return Value(true);
  if (text == "false" || text == "False" || text == "FALSE") return Value(false);
  const char first = text.front();
  if (is_digit(first) || first == '+' || first == '-' || first == '.') {
    Value number;
    if (read_integer(text, number) || read_float(text, number)) return number;
  }
  return Value(text);
}

}  // namespace switchyard
