// A node is: varint (shape + 4 when quoted), zigzag line (from the node or key before), varint
// column, then its text, or its count and items, or its count and entries (key, line, column,
// node).
#include "engine/node_codec.h"

#include "engine/yaml_data.h"
#include "engine/yaml_scalar.h"

namespace switchyard {

namespace {

using Shape = YamlNode::Data::Shape;

constexpr std::uint64_t kQuoted = 4;
constexpr int kMaxDepth = 200;

struct Encoder {
  ByteWriter& out;
  int line = 0;

  void place(int next_line, int column) {
    out.zigzag(next_line - line);
    out.varint(static_cast<std::uint64_t>(column));
    line = next_line;
  }

  void node(const YamlNode& node) {
    const Shape shape = node.is_map()    ? Shape::kMap
                        : node.is_list() ? Shape::kList
                                         : Shape::kScalar;
    out.varint(static_cast<std::uint64_t>(shape) + (node.is_quoted() ? kQuoted : 0));
    place(node.line(), node.column());
    switch (shape) {
      case Shape::kScalar:
        out.text(node.text());
        break;
      case Shape::kList:
        out.varint(node.items().size());
        for (const YamlNode& item : node.items()) this->node(item);
        break;
      case Shape::kMap:
        out.varint(node.entries().size());
        for (const YamlEntry& entry : node.entries()) {
          out.text(entry.key);
          place(entry.key_line, entry.key_column);
          this->node(entry.value);
        }
        break;
    }
  }
};

struct Decoder {
  ByteReader& in;
  const std::shared_ptr<const std::string>& file;
  int line = 0;

  int next_line() { return line += static_cast<int>(in.zigzag()); }

  YamlNode node(int depth) {
    if (depth > kMaxDepth) fail_damaged_rules();
    auto data = std::make_shared<YamlNode::Data>();
    const std::uint64_t kind = in.varint();
    data->file = file;
    data->line = next_line();
    data->column = static_cast<int>(in.varint());
    data->shape = static_cast<Shape>(kind & 3);
    data->quoted = (kind & kQuoted) != 0;
    switch (data->shape) {
      case Shape::kScalar:
        data->text = in.text();
        data->value = data->quoted ? Value(data->text) : core_scalar(data->text);
        break;
      case Shape::kList:
        for (std::uint64_t left = in.varint(); left > 0; --left) {
          data->items.push_back(node(depth + 1));
        }
        break;
      case Shape::kMap:
        for (std::uint64_t left = in.varint(); left > 0; --left) {
          YamlEntry entry;
          entry.key = in.text();
          entry.key_line = next_line();
          entry.key_column = static_cast<int>(in.varint());
          entry.value = node(depth + 1);
          data->entries.push_back(std::move(entry));
        }
        break;
      default:
        fail_damaged_rules();
    }
    return YamlNode(std::move(data));
  }
};

}  // namespace

void write_node(const YamlNode& node, ByteWriter& out) { Encoder{out}.node(node); }

YamlNode read_node(ByteReader& in, const std::shared_ptr<const std::string>& file) {
  return Decoder{in, file}.node(0);
}

}  // namespace switchyard
