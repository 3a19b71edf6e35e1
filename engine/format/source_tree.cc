// read_source: walks text and bare tree side by side, in the order of the text.
#include "engine/format/source_tree.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/error.h"
#include "engine/format/event_tree.h"
#include "engine/format/scalar_source.h"

namespace switchyard::format {

namespace {

constexpr std::string_view kSpace = " \t\n";

class Walker {
 public:
  Walker(std::string_view text, const std::string& file, int first_line)
      : text_(text), file_(file), first_line_(first_line), starts_(line_starts(text)) {}

  Document run() {
    Document document;
    document.root = read_events(text_);
    skip();
    document.header = take_pending();
    value(document.root, 0);
    skip();
    if (at_ < text_.size()) fail();
    std::move(pending_.begin(), pending_.end(), std::back_inserter(document.root.tail));
    document.all_comments = std::move(all_);
    return document;
  }

 private:
  [[noreturn]] void fail() const {
    const std::size_t line = line_of(at_);
    throw Error(
        ErrorKind::kUsage,
        {file_, first_line_ + static_cast<int>(line), static_cast<int>(at_ - starts_[line]) + 1},
        "is YAML that the formatter can't follow here",
        "Write it in a plainer way; the file is left as it is");
  }

  std::size_t line_of(std::size_t offset) const {
    const auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
    return static_cast<std::size_t>(next - starts_.begin()) - 1;
  }
  std::size_t column_of(std::size_t offset) const { return offset - starts_[line_of(offset)]; }

  bool blank_above(std::size_t offset) const {
    const std::size_t line = line_of(offset);
    if (line == 0) return false;
    const std::size_t begin = starts_[line - 1];
    return text_.substr(begin, starts_[line] - begin).find_first_not_of(kSpace) ==
           std::string_view::npos;
  }

  bool sees(char c) const { return at_ < text_.size() && text_[at_] == c; }

  // Over blanks and comments; the comments wait in pending_.
  void skip() {
    while (at_ < text_.size()) {
      if (kSpace.find(text_[at_]) != std::string_view::npos) {
        ++at_;
        continue;
      }
      if (text_[at_] != '#') return;
      const std::size_t end = std::min(text_.find('\n', at_), text_.size());
      std::string_view words = text_.substr(at_, end - at_);
      words = words.substr(0, words.find_last_not_of(" \t") + 1);
      const Comment comment{at_, line_of(at_), column_of(at_), blank_above(at_),
                            std::string(words)};
      pending_.push_back(comment);
      all_.push_back(comment);
      at_ = end;
    }
  }

  void take(char c) {
    skip();
    if (!sees(c)) fail();
    token_end(at_ + 1);
  }
  bool take_if(char c) {
    skip();
    if (!sees(c)) return false;
    token_end(at_ + 1);
    return true;
  }

  void token_end(std::size_t end) {
    at_ = end;
    last_line_ = line_of(end == 0 ? 0 : end - 1);
  }

  std::vector<Comment> take_pending() { return std::exchange(pending_, {}); }

  // The comment behind the last token, with the lines below that continue it in its column.
  std::vector<Comment> take_behind() {
    skip();
    std::vector<Comment> behind;
    if (pending_.empty() || pending_.front().line != last_line_) return behind;
    std::size_t count = 1;
    while (count < pending_.size() && pending_[count].column == pending_[0].column &&
           pending_[count].line == pending_[count - 1].line + 1) {
      ++count;
    }
    const auto end = pending_.begin() + static_cast<std::ptrdiff_t>(count);
    std::move(pending_.begin(), end, std::back_inserter(behind));
    pending_.erase(pending_.begin(), end);
    return behind;
  }

  void trail(Element& element) {
    std::vector<Comment> behind = take_behind();
    std::move(behind.begin(), behind.end(), std::back_inserter(element.trailing));
  }

  void properties(Node& node) {
    skip();
    while (sees('&') || sees('!')) {
      const std::size_t end = std::min(text_.find_first_of(" \t\n,[]{}", at_), text_.size());
      if (!node.properties.empty()) node.properties += ' ';
      node.properties += text_.substr(at_, end - at_);
      token_end(end);
      skip();
    }
  }

  void value(Node& node, std::size_t indent) {
    switch (node.kind) {
      case Node::Kind::kNull:
        if (node.has_properties) properties(node);
        return null(node, indent);
      case Node::Kind::kScalar:
        properties(node);
        return scalar(node, indent);
      case Node::Kind::kAlias: {
        skip();
        if (!sees('*')) fail();
        const std::size_t end = std::min(text_.find_first_of(" \t\n,[]{}", at_), text_.size());
        node.lines = {std::string(text_.substr(at_, end - at_))};
        node.flat_width = node.lines[0].size();
        return token_end(end);
      }
      case Node::Kind::kMap:
      case Node::Kind::kList:
        if (node.has_properties) properties(node);
        return node.flow ? flow(node, indent) : block(node);
    }
  }

  // The parser doesn't tell a written null from nothing. A key can't be null, so a null word that
  // comes next is this node.
  void null(Node& node, std::size_t indent) {
    skip();
    const std::string_view rest =
        text_.substr(at_, std::min(text_.find('\n', at_), text_.size()) - at_);
    for (const char* word : {"~", "null", "Null", "NULL"}) {
      const std::size_t length = std::string_view(word).size();
      if (!rest.starts_with(word)) continue;
      if (rest.size() > length &&
          std::string_view(" \t,]}").find(rest[length]) == std::string_view::npos)
        continue;
      node.kind = Node::Kind::kScalar;
      node.parsed = word;
      return scalar(node, indent);
    }
  }

  void scalar(Node& node, std::size_t indent) {
    const ScalarSource source = scalar_source(text_, at_, node.parsed, indent);
    if (source.end == std::string_view::npos) fail();
    node.begin = at_;
    node.lines = source.lines;
    node.block_scalar = source.is_block;
    node.keeps_newlines = source.keeps_newlines;
    node.one_line = node.lines.size() == 1;
    node.flat_width = node.one_line ? node.lines[0].size() + properties_width(node) : Node::kNever;
    token_end(source.end);
  }

  static std::size_t properties_width(const Node& node) {
    return node.properties.empty() ? 0 : node.properties.size() + 1;
  }

  // "? " before a key that says so itself.
  void key(Element& element, std::size_t indent) {
    if (sees('?') && element.key.begin > at_) {
      token_end(at_ + 1);
    }
    value(element.key, indent);
    if (!element.key.one_line || element.key.lines.empty()) fail();
    const auto between = take_pending();
    std::move(between.begin(), between.end(), std::back_inserter(element.leading));
  }

  // What stands between key or dash and a value that is written behind it goes before both.
  void inner_value(Element& element, std::size_t indent) {
    if (element.value.is_block()) {
      if (element.value.has_properties) {
        properties(element.value);
        element.value.has_properties = false;
      }
      if (!element.key.lines.empty() || !element.value.properties.empty()) {
        element.key_comment = take_behind();
      }
      return value(element.value, indent);
    }
    if (element.value.kind == Node::Kind::kNull) {
      value(element.value, indent);  // what was skipped on the way belongs to what follows
      if (element.value.kind == Node::Kind::kNull) return;
    } else {
      value(element.value, indent);
    }
    auto inside = take_pending();
    std::move(inside.begin(), inside.end(), std::back_inserter(element.leading));
  }

  void block(Node& node) {
    skip();
    node.begin = at_;
    const std::size_t column = column_of(at_);
    const std::size_t first_line = line_of(at_);
    for (Element& element : node.elements) {
      skip();
      element.leading = take_pending();
      element.blank_before = blank_above(at_);
      if (node.kind == Node::Kind::kList) {
        take('-');
      } else {
        key(element, column);
        take(':');
      }
      inner_value(element, column);
      trail(element);
    }
    node.one_line = last_line_ == first_line;
    skip();
    // Comments that stand deeper than what follows belong to what they end.
    const auto next = at_ < text_.size() ? static_cast<std::ptrdiff_t>(column_of(at_)) : -1;
    const auto other = std::find_if(pending_.begin(), pending_.end(), [&](const Comment& comment) {
      return comment.column < column || static_cast<std::ptrdiff_t>(comment.column) <= next;
    });
    std::move(pending_.begin(), other, std::back_inserter(node.tail));
    pending_.erase(pending_.begin(), other);
  }

  void flow(Node& node, std::size_t indent) {
    skip();
    const bool is_map = node.kind == Node::Kind::kMap;
    node.begin = at_;
    const std::size_t first_line = line_of(at_);
    node.brackets = !is_map || sees('{');
    if (node.brackets) take(is_map ? '{' : '[');
    std::size_t width = 2 + properties_width(node);
    for (std::size_t i = 0; i < node.elements.size(); ++i) {
      Element& element = node.elements[i];
      skip();
      element.leading = take_pending();
      if (is_map) {
        key(element, indent);
        element.has_colon = take_if(':');
      }
      inner_value(element, indent);
      trail(element);
      if (node.brackets && take_if(',')) trail(element);
      const std::size_t item = element_width(element);
      width = item == Node::kNever || width == Node::kNever ? Node::kNever
                                                            : width + item + (i > 0 ? 2 : 0);
    }
    if (node.brackets) {
      skip();
      node.tail = take_pending();
      if (!node.tail.empty()) width = Node::kNever;
      take(is_map ? '}' : ']');
    }
    node.flat_width = width;
    node.one_line = last_line_ == first_line;
  }

  static std::size_t element_width(const Element& element) {
    if (!element.leading.empty() || !element.trailing.empty()) return Node::kNever;
    std::size_t width = element.value.flat_width;
    if (width == Node::kNever || element.key.lines.empty()) return width;
    width += element.key.flat_width + (element.value.kind == Node::Kind::kNull ? 0 : 2);
    return width + (element.key.kind == Node::Kind::kAlias ? 1 : 0);
  }

  std::string_view text_;
  const std::string& file_;
  int first_line_;
  std::vector<std::size_t> starts_;
  std::size_t at_ = 0;
  std::size_t last_line_ = static_cast<std::size_t>(-1);  // of the last token
  std::vector<Comment> pending_;                          // not yet given to anyone
  std::vector<Comment> all_;
};

}  // namespace

Document read_source(std::string_view text, const std::string& file, int first_line) {
  return Walker(text, file, first_line).run();
}

}  // namespace switchyard::format
