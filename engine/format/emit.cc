#include "engine/format/emit.h"

#include "engine/format/printer.h"

namespace switchyard::format {

namespace {

constexpr std::size_t kStep = 2;

class Emitter {
 public:
  std::string run(const Document& document) {
    const Node& root = document.root;
    for (const Comment& comment : document.header) {
      if (comment.blank_before) out_.blank();
      out_.comment_line(comment, 0);
    }
    if (root.is_block()) {
      if (!root.elements.empty() && root.elements.front().blank_before) out_.blank();
      if (!root.properties.empty()) {
        out_.write(root.properties);
        out_.end_line();
      }
      block(root, 0, false);
    } else {
      if (root.kind != Node::Kind::kNull || root.has_properties) {
        value(root, 0, false);
        out_.end_line();
      }
      tail(root, 0);
    }
    return out_.take();
  }

 private:
  static bool begins_inline(const Element& element) {
    return element.value.is_block() && element.key.lines.empty() &&
           element.value.properties.empty();
  }

  // Comments before an element; those of the elements that begin on its line, too.
  static void collect_leading(const Element& element, std::vector<Comment>& comments) {
    comments.insert(comments.end(), element.leading.begin(), element.leading.end());
    if (begins_inline(element) && !element.value.elements.empty()) {
      collect_leading(element.value.elements.front(), comments);
    }
  }

  void block(const Node& node, std::size_t indent, bool is_inline) {
    for (std::size_t i = 0; i < node.elements.size(); ++i) {
      const Element& element = node.elements[i];
      const bool stands_behind_dash = is_inline && i == 0;
      if (!stands_behind_dash) {
        std::vector<Comment> leading;
        collect_leading(element, leading);
        for (std::size_t k = 0; k < leading.size(); ++k) {
          if (leading[k].blank_before && i + k > 0) out_.blank();
          out_.comment_line(leading[k], indent);
        }
        if (element.blank_before && i + leading.size() > 0) out_.blank();
        out_.pad(indent);
      }
      block_element(node, element, indent);
    }
    tail(node, indent);
  }

  void block_element(const Node& parent, const Element& element, std::size_t indent) {
    if (parent.kind == Node::Kind::kMap) {
      write_key(element.key);
      out_.write(":");
    } else {
      out_.write("-");
    }
    const Node& node = element.value;
    if (node.is_block()) {
      if (begins_inline(element)) {
        out_.write(" ");
        return block(node, indent + kStep, true);
      }
      if (!node.properties.empty()) out_.write(' ' + node.properties);
      end_line(element.key_comment);
      return block(node, indent + kStep, false);
    }
    if (node.kind != Node::Kind::kNull || !node.properties.empty()) out_.write(" ");
    value(node, indent, element.is_row);
    end_line(element.trailing);
    if (node.keeps_newlines) out_.forbid_blank();
  }

  void write_key(const Node& key) {
    if (!key.properties.empty()) out_.write(key.properties + ' ');
    out_.write(key.lines.front());
    if (key.kind == Node::Kind::kAlias) out_.write(" ");
  }

  void end_line(const std::vector<Comment>& behind) {
    if (behind.empty()) return out_.end_line();
    out_.comment_behind(behind);
  }

  void tail(const Node& node, std::size_t indent) {
    for (const Comment& comment : node.tail) {
      if (comment.blank_before) out_.blank();
      out_.comment_line(comment, indent);
    }
  }

  // What stands on the line of its key or dash, which begins at `indent`.
  void value(const Node& node, std::size_t indent, bool is_row) {
    if (node.is_collection()) return flow(node, 0, is_row && node.one_line);
    write_properties(node);
    // yaml-cpp wants the lines after an anchored one deeper than the anchor.
    const bool deeper = !node.properties.empty() && !node.block_scalar;
    scalar(node, indent + (deeper ? 2 * kStep : kStep));
  }

  void write_properties(const Node& node) {
    if (node.properties.empty()) return;
    out_.write(node.properties);
    if (node.kind != Node::Kind::kNull) out_.write(" ");
  }

  void scalar(const Node& node, std::size_t indent) {
    for (std::size_t i = 0; i < node.lines.size(); ++i) {
      if (i > 0) {
        out_.end_line();
        if (!node.lines[i].empty()) out_.pad(indent);
      }
      out_.write(node.lines[i]);
    }
  }

  static bool fits(std::size_t begin, const Node& node, std::size_t reserved) {
    return node.flat_width != Node::kNever && begin + node.flat_width + reserved <= kWidth;
  }

  // A flow collection, in one line where it fits with `reserved` bytes behind it, or must.
  void flow(const Node& node, std::size_t reserved, bool on_one_line) {
    write_properties(node);
    const bool is_map = node.kind == Node::Kind::kMap;
    const std::size_t properties = node.properties.empty() ? 0 : node.properties.size() + 1;
    const bool flat = node.flat_width != Node::kNever &&
                      (on_one_line || fits(out_.column() - properties, node, reserved));
    out_.write(is_map ? "{" : "[");
    const std::size_t inner = out_.column();
    bool line_is_full = false;
    for (std::size_t i = 0; i < node.elements.size(); ++i) {
      const Element& element = node.elements[i];
      const std::size_t behind = i + 1 < node.elements.size() ? 1 : reserved + 1;
      if (!element.leading.empty() && out_.column() > 0) out_.end_line();
      for (const Comment& comment : element.leading) out_.comment_line(comment, inner);
      if (!element.leading.empty()) {
        out_.pad(inner);
      } else if (i > 0) {
        separate(element, flat, line_is_full, behind, inner);
      }
      line_is_full = !flow_element(element, behind, flat);
      // yaml-cpp wants the comma after a lone key at the end of a line, too.
      const bool is_lone = element.value.kind == Node::Kind::kNull && !flat;
      if (i + 1 < node.elements.size() || (is_lone && closes_below(node))) out_.write(",");
      if (!element.trailing.empty()) {
        out_.comment_behind(element.trailing);
        line_is_full = true;
      }
    }
    if (closes_below(node)) {
      if (out_.column() > 0) out_.end_line();
      tail(node, inner);
      out_.pad(inner);
    }
    out_.write(is_map ? "}" : "]");
  }

  // A comment keeps the closing bracket from the last element's line.
  static bool closes_below(const Node& node) {
    return !node.tail.empty() || (!node.elements.empty() && !node.elements.back().trailing.empty());
  }

  // A blank or a new line before an element.
  void separate(const Element& element, bool flat, bool line_is_full, std::size_t behind,
                std::size_t inner) {
    const std::size_t key = element.key.lines.empty() ? 0 : element.key.flat_width + 2;
    if (flat || (!line_is_full && fits(out_.column() + 1 + key, element.value, behind))) {
      out_.write(" ");
      return;
    }
    if (out_.column() > 0) out_.end_line();
    out_.pad(inner);
  }

  // Whether it took one line.
  bool flow_element(const Element& element, std::size_t behind, bool flat) {
    const Node& node = element.value;
    if (!element.key.lines.empty()) {
      write_key(element.key);
      if (node.kind != Node::Kind::kNull || !node.properties.empty()) {
        out_.write(": ");
      }
    }
    const bool one_line = flat || fits(out_.column(), node, behind);
    if (node.is_collection()) {
      flow(node, behind, flat);
    } else {
      write_properties(node);
      scalar(node, out_.column());
    }
    return one_line;
  }

  Printer out_;
};

}  // namespace

std::string emit(const Document& document) { return Emitter().run(document); }

}  // namespace switchyard::format
