#include "engine/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <unordered_set>

#include "engine/text.h"
#include "engine/yaml_data.h"
#include "engine/yaml_scalar.h"

namespace switchyard {

namespace {

constexpr std::size_t kMaxBytes = std::size_t{16} << 20;
constexpr std::size_t kMaxDepth = 100;
constexpr std::size_t kMaxNodes = 2'000'000;

using File = std::shared_ptr<const std::string>;

using Shape = YamlNode::Data::Shape;

const std::shared_ptr<const YamlNode::Data>& empty_node() {
  static const auto node = [] {
    auto data = std::make_shared<YamlNode::Data>();
    data->file = std::make_shared<const std::string>();
    return std::shared_ptr<const YamlNode::Data>(std::move(data));
  }();
  return node;
}

}  // namespace

YamlNode::YamlNode() : data_(empty_node()) {}
bool YamlNode::is_null() const { return is_scalar() && data_->value.is_null(); }
bool YamlNode::is_scalar() const { return data_->shape == Data::Shape::kScalar; }
bool YamlNode::is_list() const { return data_->shape == Data::Shape::kList; }
bool YamlNode::is_map() const { return data_->shape == Data::Shape::kMap; }
bool YamlNode::is_string() const { return is_scalar() && data_->value.is_string(); }
bool YamlNode::is_quoted() const { return data_->quoted; }
Place YamlNode::place() const { return {*data_->file, data_->line, data_->column}; }
const std::string& YamlNode::file() const { return *data_->file; }
int YamlNode::line() const { return data_->line; }
int YamlNode::column() const { return data_->column; }
const std::string& YamlNode::text() const { return data_->text; }
const std::vector<YamlNode>& YamlNode::items() const { return data_->items; }
const std::vector<YamlEntry>& YamlNode::entries() const { return data_->entries; }
const Value& YamlNode::value() const { return data_->plain_value(); }

const Value& YamlNode::Data::plain_value() const {
  if (shape == Shape::kScalar) return value;
  std::call_once(value_made, [this] {
    if (shape == Shape::kList) {
      List list;
      list.reserve(items.size());
      for (const YamlNode& item : items) list.push_back(item.value());
      value = Value(std::move(list));
    } else {
      Map map;
      map.reserve(entries.size());
      for (const YamlEntry& entry : entries) map.set(entry.key, entry.value.value());
      value = Value(std::move(map));
    }
  });
  return value;
}

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const YamlEntry& entry : data_->entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

std::string YamlNode::describe() const {
  if (is_list()) return "a list";
  if (is_map()) return "a map";
  if (is_null()) return "null";
  return "the " + std::string(value().kind_name()) + ' ' + shorten(value().to_json(), 60);
}

void YamlNode::fail(std::string what, std::string mend) const {
  throw Error(ErrorKind::kUsage, place(), std::move(what), std::move(mend));
}

namespace {

// Builds the tree from the parser's events and keeps the limits.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const std::string& file, int first_line)
      : file_(std::make_shared<const std::string>(file)), first_line_(first_line) {}

  Place place(const YAML::Mark& mark) const {
    return {*file_, mark.line + first_line_, mark.column + 1};
  }

  // The parser takes a quoted string that never closes for one that closes at the end of the text:
  // it can only be the last scalar.
  void check_closed(std::string_view text) const {
    const auto start = static_cast<std::size_t>(std::max(last_scalar_.pos, 0));
    if (start >= text.size() || (text[start] != '"' && text[start] != '\'')) return;
    const char quote = text[start];
    for (std::size_t i = start + 1; i < text.size(); ++i) {
      if (quote == '"' && text[i] == '\\')
        ++i;
      else if (text[i] == quote)
        return;  // a doubled '' opens again, and closes before the end too
    }
    fail(last_scalar_, "a quoted string that is not closed", "Add the closing quote");
  }

  YamlNode take() { return root_ ? YamlNode(std::move(root_)) : YamlNode(); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    finish(start(mark, Shape::kScalar), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    auto node = start(mark, Shape::kScalar);
    node->text = text;
    node->quoted = tag == "!";
    last_scalar_ = mark;
    const bool plain = tag == "?" || tag.empty();
    if (!plain && !node->quoted) check_tag(tag, mark);
    node->value = plain ? core_scalar(text) : Value(text);
    finish(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto& target = anchor < anchors_.size() ? anchors_[anchor] : nullptr;
    if (!target) fail(mark, "an alias to the node that it stands in");
    count(mark, target->nodes);
    add(target, mark);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check_tag(tag, mark);
    open(mark, Shape::kList, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check_tag(tag, mark);
    open(mark, Shape::kMap, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    std::shared_ptr<YamlNode::Data> node;
    YAML::anchor_t anchor;
    std::unordered_set<std::string> keys;  // of a map, to tell one that is given twice
    YamlEntry key;                         // the key that waits for its value
    bool has_key = false;
  };

  [[noreturn]] void fail(const YAML::Mark& mark, std::string what, std::string mend = {}) const {
    throw Error(ErrorKind::kUsage, place(mark), std::move(what), std::move(mend));
  }

  bool expects_key() const {
    return !open_.empty() && open_.back().node->shape == Shape::kMap && !open_.back().has_key;
  }

  void check_tag(const std::string& tag, const YAML::Mark& mark) const {
    if (tag.empty() || tag == "?" || tag == "!" || tag == "tag:yaml.org,2002:str") return;
    fail(mark, "the tag " + shorten(tag, 60) + " is not supported",
         "Write the value without a tag, in quotes where it is a string");
  }

  void count(const YAML::Mark& mark, std::size_t nodes) {
    nodes_ += nodes;
    if (nodes_ > kMaxNodes) {
      fail(mark, "holds more than " + std::to_string(kMaxNodes) + " nodes, aliases expanded");
    }
  }

  std::shared_ptr<YamlNode::Data> start(const YAML::Mark& mark, Shape shape) {
    count(mark, 1);
    auto node = std::make_shared<YamlNode::Data>();
    node->file = file_;
    node->line = mark.line + first_line_;
    node->column = mark.column + 1;
    node->shape = shape;
    return node;
  }

  void open(const YAML::Mark& mark, Shape shape, YAML::anchor_t anchor) {
    if (expects_key()) {
      fail(mark, "a key that is a list or a map",
           "Write the key as one word; quote it when it begins with [ or {");
    }
    if (open_.size() == kMaxDepth) {
      fail(mark, "nests deeper than " + std::to_string(kMaxDepth) + " levels");
    }
    open_.push_back({start(mark, shape), anchor, {}, {}, false});
  }

  void close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    finish(std::move(closed.node), closed.anchor);
  }

  void finish(std::shared_ptr<const YamlNode::Data> node, YAML::anchor_t anchor) {
    if (anchor != 0) {
      if (anchors_.size() <= anchor) anchors_.resize(anchor + 1);
      anchors_[anchor] = node;
    }
    YAML::Mark mark;
    mark.line = node->line - first_line_;
    mark.column = node->column - 1;
    add(std::move(node), mark);
  }

  void add(std::shared_ptr<const YamlNode::Data> node, const YAML::Mark& mark) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (expects_key()) {
      set_key(parent, *node, mark);
      return;
    }
    parent.node->nodes += node->nodes;
    if (parent.node->shape == Shape::kList) {
      parent.node->items.emplace_back(std::move(node));
      return;
    }
    parent.key.value = YamlNode(std::move(node));
    parent.node->entries.push_back(std::move(parent.key));
    parent.key = {};
    parent.has_key = false;
  }

  void set_key(Open& parent, const YamlNode::Data& node, const YAML::Mark& mark) const {
    if (node.shape != Shape::kScalar) fail(mark, "a key that is a list or a map");
    if (node.text.empty() && !node.quoted) {
      fail(mark, "a key is missing, or null",
           "Put the word null in quotes where it is meant as a name");
    }
    if (node.text == "<<" && !node.quoted) {
      fail(mark, "the merge key << is not supported", "Repeat the entries");
    }
    if (!parent.keys.insert(node.text).second) {
      fail(mark, "the key \"" + shorten(node.text, 80) + "\" is given twice in one map",
           "Remove one of the two");
    }
    parent.key.key = node.text;
    parent.key.key_line = mark.line + first_line_;
    parent.key.key_column = mark.column + 1;
    parent.has_key = true;
  }

  File file_;
  int first_line_;
  std::size_t nodes_ = 0;
  YAML::Mark last_scalar_;
  std::vector<Open> open_;
  std::vector<std::shared_ptr<const YamlNode::Data>> anchors_;
  std::shared_ptr<const YamlNode::Data> root_;
};

// The parser's complaint in our own words.
std::string describe_fault(const std::string& complaint) {
  const struct {
    const char* part;
    const char* words;
  } kFaults[] = {
      {"tab", "a tab is used to indent"},
      {"illegal map value", "a ':' with no key before it, or a wrong indentation"},
      {"map value not found", "a key without ':'"},
      {"end of map not found", "a map that is not closed, or a wrong indentation"},
      {"end of map flow", "a map in braces that is not closed"},
      {"end of sequence flow", "a list in brackets that is not closed"},
      {"end of sequence", "a list that is not closed, or a wrong indentation"},
      {"illegal flow end", "a closing bracket or brace that opens nowhere"},
      {"illegal EOF in scalar", "a quoted string that is not closed"},
      {"illegal document indicator", "a '---' or '...' inside a quoted string"},
      {"illegal character", "a character that is not allowed here"},
      {"unknown escape", "an unknown escape in a quoted string"},
      {"invalid unicode", "an escape that is no character"},
      {"anchor", "an anchor or alias that is not well formed"},
      {"unknown token", "a character that can start no value (quote @, `, % and the like)"},
      {"illegal block entry", "a '-' where no list item can begin"},
      {"illegal map key", "a key where none can begin"},
      {"bad file", "nested too deep"},
  };
  for (const auto& [part, words] : kFaults) {
    if (complaint.find(part) != std::string::npos) return words;
  }
  return "the text does not fit the syntax here";
}

}  // namespace

YamlNode parse_yaml(std::string_view text, const std::string& file, int first_line) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark
  if (text.size() > kMaxBytes) {
    throw Error(ErrorKind::kUsage, Place{file}, "is larger than 16 MiB");
  }
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0 || text[i] == '\0') {
      const auto line =
          std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(i), '\n');
      throw Error(ErrorKind::kUsage, Place{file, first_line + static_cast<int>(line), 0},
                  "holds a byte that is no UTF-8 text", "Save the file as UTF-8");
    }
    i += length;
  }
  TreeBuilder builder(file, first_line);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    if (parser.HandleNextDocument(builder)) {
      YamlNode root = builder.take();
      builder.check_closed(text);
      TreeBuilder second(file, first_line);
      if (parser.HandleNextDocument(second)) {
        second.take().fail("a second document", "Put one document into each file");
      }
      return root;
    }
    return YamlNode();
  } catch (const YAML::Exception& fault) {
    throw Error(ErrorKind::kUsage, builder.place(fault.mark),
                "is not valid YAML: " + describe_fault(fault.msg));
  }
}

}  // namespace switchyard
