// Value::to_json.
#include <charconv>
#include <cmath>

#include "engine/text.h"
#include "engine/value.h"

namespace switchyard {

namespace {

void append_string(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x80) {
      const std::size_t length = utf8_length(text.substr(i));
      if (length == 0) {
        out += "\\ufffd";
        ++i;
      } else {
        out += text.substr(i, length);
        i += length;
      }
      continue;
    }
    ++i;
    switch (byte) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (byte < 0x20 || byte == 0x7f) {
          out += "\\u00";
          out += kHex[byte >> 4];
          out += kHex[byte & 15];
        } else {
          out += static_cast<char>(byte);
        }
    }
  }
  out += '"';
}

void append_float(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value < 0 ? "-Infinity" : "Infinity";
  } else {
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
    out += text;
    if (text.find_first_of(".e") == std::string_view::npos) out += ".0";
  }
}

class Writer {
 public:
  Writer(std::string& out, int indent) : out_(out), indent_(indent) {}

  void write(const Value& value, int depth) {
    switch (value.kind()) {
      case Value::Kind::kNull:
        out_ += "null";
        break;
      case Value::Kind::kBool:
        out_ += value.as_bool() ? "true" : "false";
        break;
      case Value::Kind::kInt:
        out_ += std::to_string(value.as_int());
        break;
      case Value::Kind::kFloat:
        append_float(out_, value.as_double());
        break;
      case Value::Kind::kString:
        append_string(out_, value.as_string());
        break;
      case Value::Kind::kList:
        write_items('[', ']', value.as_list(), depth,
                    [&](const Value& item) { write(item, depth + 1); });
        break;
      case Value::Kind::kMap:
        write_items('{', '}', value.as_map(), depth, [&](const Map::Entry& entry) {
          append_string(out_, entry.first);
          out_ += indent_ < 0 ? ":" : ": ";
          write(entry.second, depth + 1);
        });
        break;
    }
  }

 private:
  template <typename Items, typename WriteItem>
  void write_items(char open, char close, const Items& items, int depth, WriteItem write_item) {
    out_ += open;
    bool first = true;
    for (const auto& item : items) {
      if (!first) out_ += ',';
      first = false;
      new_line(depth + 1);
      write_item(item);
    }
    if (!first) new_line(depth);
    out_ += close;
  }

  void new_line(int depth) {
    if (indent_ < 0) return;
    out_ += '\n';
    out_.append(static_cast<std::size_t>(indent_ * depth), ' ');
  }

  std::string& out_;
  int indent_;
};

}  // namespace

std::string Value::to_json(int indent) const {
  std::string out;
  Writer(out, indent).write(*this, 0);
  return out;
}

}  // namespace switchyard
