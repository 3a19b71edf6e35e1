#include "engine/json.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "engine/error.h"
#include "engine/text.h"

namespace switchyard {

namespace {

constexpr std::size_t kMaxDepth = 200;

Place place_at(std::string_view text, std::size_t offset, const std::string& file) {
  offset = std::min(offset, text.size());
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  return {file, static_cast<int>(line), static_cast<int>(offset - line_start + 1)};
}

// Numbers that Python writes and JSON does not know.
struct BareNumber {
  std::size_t offset;
  double value;
};

// What the JSON parser is given in place of the text, of the same length so that offsets stay true:
// bare NaN and infinities become 0 and are listed in `bare`, a lone surrogate escape becomes
// \ufffd.
class Mender {
 public:
  explicit Mender(std::string_view text) : text_(text) {}

  std::string_view mended(std::vector<BareNumber>& bare) {
    const bool has_bare = text_.find("NaN") != std::string_view::npos ||
                          text_.find("Infinity") != std::string_view::npos;
    const bool has_surrogate = text_.find("\\ud") != std::string_view::npos ||
                               text_.find("\\uD") != std::string_view::npos;
    if (!has_bare && !has_surrogate) return text_;
    copy_ = text_;
    bool in_string = false;
    for (std::size_t i = 0; i < copy_.size(); ++i) {
      if (in_string) {
        if (copy_[i] == '"') in_string = false;
        if (copy_[i] == '\\') i = mend_escape(i);
      } else if (copy_[i] == '"') {
        in_string = true;
      } else {
        mend_number(i, bare);
      }
    }
    return copy_;
  }

 private:
  // The code unit of "\uXXXX" at i, or -1.
  int code_unit(std::size_t i) const {
    if (i + 6 > copy_.size() || copy_[i] != '\\' || copy_[i + 1] != 'u') return -1;
    int unit = 0;
    for (std::size_t k = i + 2; k < i + 6; ++k) {
      const char c = lower_char(copy_[k]);
      const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
      if (digit < 0) return -1;
      unit = unit * 16 + digit;
    }
    return unit;
  }

  // `i` is at a backslash inside a string; gives the escape's last character.
  std::size_t mend_escape(std::size_t i) {
    const int unit = code_unit(i);
    if (unit < 0xd800 || unit > 0xdfff) return i + 1;
    const int next = code_unit(i + 6);
    if (unit < 0xdc00 && next >= 0xdc00 && next <= 0xdfff) return i + 11;
    copy_.replace(i, 6, "\\ufffd");
    return i + 5;
  }

  void mend_number(std::size_t i, std::vector<BareNumber>& bare) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    constexpr struct {
      std::string_view word;
      double value;
    } kWords[] = {{"NaN", std::numeric_limits<double>::quiet_NaN()},
                  {"-Infinity", -kInfinity},
                  {"Infinity", kInfinity}};
    for (const auto& [word, value] : kWords) {
      if (copy_.compare(i, word.size(), word) != 0) continue;
      const bool starts = i == 0 || std::strchr(" \t\r\n,:[", copy_[i - 1]) != nullptr;
      const std::size_t end = i + word.size();
      const bool ends = end >= copy_.size() || std::strchr(" \t\r\n,]}", copy_[end]) != nullptr;
      if (!starts || !ends) continue;
      copy_.replace(i, word.size(), std::string(word.size(), ' '));
      copy_[i] = '0';
      bare.push_back({i, value});
      return;
    }
  }

  std::string_view text_;
  std::string copy_;
};

// Tells the handler how far the parser has read, which its callbacks do not say.
class Cursor {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Cursor(const char* at, const char** reached) : at_(at), reached_(reached) {}
  reference operator*() const { return *at_; }
  Cursor& operator++() {
    *reached_ = ++at_;
    return *this;
  }
  Cursor operator++(int) {
    Cursor before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const Cursor& a, const Cursor& b) { return a.at_ == b.at_; }
  friend bool operator!=(const Cursor& a, const Cursor& b) { return a.at_ != b.at_; }

 private:
  const char* at_;
  const char** reached_;
};

// Builds Values from the parser's events.
class Builder {
 public:
  Builder(std::string_view text, const char* const* reached, std::vector<BareNumber> bare)
      : text_(text), reached_(reached), bare_(std::move(bare)) {}

  Value take() { return std::move(result_); }
  bool too_deep() const { return too_deep_; }
  std::size_t fault_offset() const { return fault_offset_; }
  bool out_of_range() const { return out_of_range_; }

  bool null() { return add(Value()); }
  bool boolean(bool value) { return add(Value(value)); }
  bool number_integer(std::int64_t value) { return add(Value(value)); }
  bool number_unsigned(std::uint64_t value) {
    // Of a bare NaN the parser has read its stand-in "0" and the blank after it.
    if (value == 0 && next_bare_ < bare_.size() && bare_[next_bare_].offset + 2 == offset()) {
      return add(Value(bare_[next_bare_++].value));
    }
    constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
    return add(value <= kMax ? Value(value) : Value(static_cast<double>(value)));
  }
  bool number_float(double value, const std::string&) { return add(Value(value)); }
  bool string(std::string& value) { return add(Value(std::move(value))); }
  bool binary(std::vector<std::uint8_t>&) { return false; }  // not in JSON text
  bool start_object(std::size_t) { return open(true); }
  bool end_object() { return close(); }
  bool start_array(std::size_t) { return open(false); }
  bool end_array() { return close(); }
  bool key(std::string& key) {
    open_.back().key = std::move(key);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception& fault) {
    // 406: a number too large for a float; one character behind it was read. `position` counts the
    // characters up to and with the fault.
    out_of_range_ = fault.id == 406;
    if (out_of_range_) position = offset() - 1;
    fault_offset_ = position > 0 ? position - 1 : 0;
    return false;
  }

 private:
  struct Container {
    bool is_map;
    Map map;
    List list;
    std::string key;
  };

  std::size_t offset() const { return static_cast<std::size_t>(*reached_ - text_.data()); }

  bool open(bool is_map) {
    if (open_.size() == kMaxDepth) {
      too_deep_ = true;
      fault_offset_ = offset() - 1;
      return false;
    }
    open_.push_back({is_map, {}, {}, {}});
    return true;
  }

  bool close() {
    Container closed = std::move(open_.back());
    open_.pop_back();
    return add(closed.is_map ? Value(std::move(closed.map)) : Value(std::move(closed.list)));
  }

  bool add(Value value) {
    if (open_.empty()) {
      result_ = std::move(value);
    } else if (open_.back().is_map) {
      open_.back().map.set(std::move(open_.back().key), std::move(value));
    } else {
      open_.back().list.push_back(std::move(value));
    }
    return true;
  }

  std::string_view text_;
  const char* const* reached_;
  std::vector<BareNumber> bare_;
  std::size_t next_bare_ = 0;
  std::vector<Container> open_;
  Value result_;
  bool too_deep_ = false;
  bool out_of_range_ = false;
  std::size_t fault_offset_ = 0;
};

// The fault in our own words: what stands at the place, not how the parser got there.
std::string describe_fault(std::string_view text, std::size_t offset) {
  if (trim(text).empty()) return "is empty where JSON was expected";
  if (offset >= text.size()) return "is not valid JSON: it ends too early";
  const std::string_view rest = text.substr(offset);
  const auto byte = static_cast<unsigned char>(rest[0]);
  if (utf8_length(rest) == 0) return "is not valid JSON: a byte that is no UTF-8";
  if (byte < 0x20) return "is not valid JSON: an unexpected line end or control character";
  return "is not valid JSON: unexpected '" + std::string(rest.substr(0, utf8_length(rest))) + "'";
}

}  // namespace

Value parse_json(std::string_view text, const std::string& file) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());

  std::vector<BareNumber> bare;
  Mender mender(text);
  const std::string_view mended = mender.mended(bare);
  const char* reached = mended.data();
  Builder builder(mended, &reached, std::move(bare));
  const Cursor begin(mended.data(), &reached), end(mended.data() + mended.size(), &reached);
  if (nlohmann::json::sax_parse(begin, end, &builder)) return builder.take();

  const Place place = place_at(text, builder.fault_offset(), file);
  if (builder.too_deep()) {
    throw Error(ErrorKind::kModel, place,
                "nests deeper than " + std::to_string(kMaxDepth) + " levels");
  }
  if (builder.out_of_range()) {
    throw Error(ErrorKind::kModel, place, "holds a number that is too large");
  }
  throw Error(ErrorKind::kModel, place, describe_fault(text, builder.fault_offset()));
}

}  // namespace switchyard
