#include "messy_yaml.h"

#include <algorithm>
#include <vector>

namespace switchyard {

namespace {

class Writer {
 public:
  explicit Writer(std::mt19937& random) : random_(random) {}

  std::string document() {
    noise(0);
    const std::size_t kind = below(4);
    if (kind == 0) {
      decision();
    } else if (kind == 1) {
      text_ += "rows:\n";
      block_map(2, 0, 2);
      text_ += "knowledge: k" + number() + end();
    } else {
      block_map(0, -1, 3);
    }
    noise(0);
    return text_;
  }

 private:
  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_);
  }
  bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }
  std::string number() { return std::to_string(below(1000)); }
  template <std::size_t N>
  std::string pick(const char* const (&words)[N]) {
    return words[below(N)];
  }
  static std::string pad(std::size_t n) { return std::string(n, ' '); }

  std::string comment() {
    return pick({"# a comment", "#no blank", "#", "# with: colon {", "# \"quoted", "# öäü - x"});
  }

  // The end of a line: nothing, blanks, or a comment.
  std::string end() {
    if (chance(15)) return pad(1 + below(4)) + comment() + "\n";
    return chance(10) ? "   \n" : "\n";
  }

  // Lines of comments and empty lines.
  void noise(std::size_t indent) {
    while (chance(20)) {
      if (chance(50)) {
        text_ += chance(50) ? "\n" : "  \n";
      } else {
        text_ += pad(chance(70) ? indent : below(indent + 6)) + comment() + "\n";
      }
    }
  }

  void decision() {
    text_ += "rules:" + end();
    const std::size_t dash = below(2) * 2;
    for (std::size_t i = 1 + below(4); i > 0; --i) {
      noise(dash);
      text_ += pad(dash) + "-" + pad(1 + below(3));
      if (chance(30)) {
        text_ += "{when: {a: " + flow(1, 12) + "}, priority: " + number() + ", id: r" + number() +
                 "}" + end();
        continue;
      }
      const std::size_t inner = text_.size() - text_.rfind('\n') - 1;
      const char* keys[] = {"then", "id", "when", "source", "extra", "priority"};
      std::shuffle(std::begin(keys), std::end(keys), random_);
      for (std::size_t k = 0; k < 1 + below(6); ++k) {
        if (k > 0) {
          noise(inner);
          text_ += pad(inner);
        }
        text_ += std::string(keys[k]) + ":";
        value(inner, inner, 1);
      }
    }
    noise(0);
    text_ += "decision: d" + end();
  }

  std::string key(std::size_t i) {
    switch (below(6)) {
      case 0:
        return "\"key " + std::to_string(i) + ": {\"";
      case 1:
        return "'it''s " + std::to_string(i) + "'";
      case 2:
        return "a.b-" + std::to_string(i);
      case 3:
        return "block(x, y=" + std::to_string(i) + ")";
      default:
        return "key" + std::to_string(i);
    }
  }

  // `parent`: the column that anything below must be deeper than.
  void block_map(std::size_t indent, int, int depth) {
    for (std::size_t i = 1 + below(4), k = 0; k < i; ++k) {
      noise(indent);
      text_ += pad(indent) + key(k) + (chance(5) ? " :" : ":");
      value(indent, indent, depth);
    }
  }

  void block_list(std::size_t indent, int depth) {
    for (std::size_t i = 1 + below(4); i > 0; --i) {
      noise(indent);
      text_ += pad(indent) + "-";
      if (depth > 0 && chance(25)) {
        const std::size_t blanks = 1 + below(3);
        text_ += pad(blanks);
        const std::size_t inner = indent + 1 + blanks;
        if (chance(30)) {
          text_ += "-";
          value(inner, inner, depth - 1);
          continue;
        }
        text_ += key(0) + ":";
        value(inner, inner, depth - 1);
        if (chance(60)) {
          noise(inner);
          text_ += pad(inner) + key(1) + ":";
          value(inner, inner, depth - 1);
        }
        continue;
      }
      value(indent, indent, depth);
    }
  }

  // What stands behind a key or dash at `column`, up to and with the line's end.
  void value(std::size_t column, std::size_t parent, int depth) {
    const std::size_t kind = below(depth > 0 ? 12 : 7);
    const std::string gap = pad(1 + below(2));
    if (kind < 3) {
      text_ += gap + properties() + scalar(parent) + end();
    } else if (kind == 3) {
      text_ += end();  // nothing: null
    } else if (kind == 4) {
      block_scalar(parent);
    } else if (kind < 7) {
      text_ += gap + properties() + flow(2, parent + 2) + end();
    } else {
      text_ += (chance(15) ? gap + anchor() : "") + end();
      const std::size_t inner = column + 1 + below(4);
      if (chance(50)) {
        block_map(inner, static_cast<int>(column), depth - 1);
      } else {
        block_list(inner, depth - 1);
      }
    }
  }

  std::string anchor() {
    anchors_.push_back("a" + std::to_string(anchors_.size()));
    return "&" + anchors_.back();
  }
  std::string properties() { return chance(8) ? anchor() + " " : ""; }

  std::string scalar(std::size_t parent) {
    if (chance(5)) return pick({"null", "~", "true", "0x1F", "-1.5e3", ".inf"});
    switch (below(9)) {
      case 0:
        return "'it''s " + number() + "'";
      case 1:
        return "\"tab\\t \\\" # no comment\"";
      case 2:
        return "x = linear(h)      @ layer.{i}";
      case 3:
        return "several words\n" + pad(parent + 1 + below(5)) + "on  lines" +
               (chance(50) ? "\n\n" + pad(parent + 3) + "and more" : "");
      case 4:
        return "\"folded  \n" + pad(parent + 1 + below(4)) + "quoted \\\n" + pad(parent + 2) +
               "\\  text\"";
      case 5:
        return "'one\n\n" + pad(parent + 1) + "two'";
      default:
        return pick({"bert", "a-b/c.d", "12", "http://x/#y", "a#b", "übung"});
    }
  }

  void block_scalar(std::size_t parent) {
    text_ += " ";
    text_ += pick({"|", ">", "|-", ">-", "|+"});
    const bool with_digit = chance(20);
    const std::size_t digit = 1 + below(4);
    if (with_digit) text_ += std::to_string(digit);
    text_ += chance(10) ? " # about the text\n" : "\n";
    const std::size_t indent = parent + (with_digit ? digit : 1 + below(4));
    if (with_digit && chance(50)) text_ += pad(indent + 2) + "deeper first\n";
    for (std::size_t i = 1 + below(3); i > 0; --i) {
      text_ += pad(indent) + pick({"text", "# not a comment", "- no item", "key: no key"}) +
               (chance(20) ? "  \n" : "\n");
      if (chance(30)) text_ += pad(indent + 2) + "deeper\n";
      if (chance(20)) text_ += "\n";
    }
    if (chance(20)) text_ += "\n\n";
  }

  std::string flow_break(std::size_t indent) {
    if (chance(85)) return chance(50) ? " " : "";
    return (chance(40) ? " " + comment() : "") + "\n" + pad(indent + below(6));
  }

  std::string flow(int depth, std::size_t indent) {
    const bool is_map = chance(50);
    std::string text = is_map ? "{" : "[";
    const std::size_t count = chance(10) ? 30 : below(4);
    for (std::size_t i = 0; i < count; ++i) {
      text += flow_break(indent);
      if (is_map) text += key_in_flow(i);
      const std::string item = flow_item(depth, indent);
      if (is_map && !item.empty()) text += ": ";
      if (!is_map && item.empty()) {
        text += "x";
      }
      text += item;
      text += flow_break(indent);
      if (i + 1 < count || chance(10)) text += ",";
    }
    return text + flow_break(indent) + (is_map ? "}" : "]");
  }

  std::string key_in_flow(std::size_t i) {
    return chance(20) ? "\"k " + std::to_string(i) + "\"" : "k" + std::to_string(i);
  }

  std::string flow_item(int depth, std::size_t indent) {
    if (depth > 0 && chance(25)) return flow(depth - 1, indent);
    if (!anchors_.empty() && chance(5)) return "*" + anchors_[below(anchors_.size())];
    switch (below(7)) {
      case 0:
        return "";
      case 1:
        return "'a, b'";
      case 2:
        return "\"[x]: \\n\"";
      case 3:
        return "plain words here";
      case 4:
        return "words\n" + pad(indent + below(3)) + "on lines";
      default:
        return "v" + number();
    }
  }

  std::mt19937& random_;
  std::string text_;
  std::vector<std::string> anchors_;
};

}  // namespace

std::string messy_yaml(std::mt19937& random) { return Writer(random).document(); }

}  // namespace switchyard
