#include "engine/format/event_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <sstream>

namespace switchyard::format {

namespace {

class Builder : public YAML::EventHandler {
 public:
  explicit Builder(std::string_view text) : starts_(line_starts(text)) {}

  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node = start(mark, Node::Kind::kNull);
    node.has_anchors = node.has_properties = anchor != 0;
    add(std::move(node));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    Node node = start(mark, Node::Kind::kAlias);
    node.has_anchors = true;
    add(std::move(node));
  }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                const std::string& text) override {
    Node node = start(mark, Node::Kind::kScalar);
    node.parsed = text;
    node.has_anchors = anchor != 0;
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    open(mark, Node::Kind::kList, tag, anchor, style);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    open(mark, Node::Kind::kMap, tag, anchor, style);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node node;
    bool has_key = false;
  };

  Node start(const YAML::Mark& mark, Node::Kind kind) const {
    Node node;
    node.kind = kind;
    const auto line = static_cast<std::size_t>(mark.line);
    node.begin = line < starts_.size() ? starts_[line] + static_cast<std::size_t>(mark.column) : 0;
    return node;
  }

  void open(const YAML::Mark& mark, Node::Kind kind, const std::string& tag, YAML::anchor_t anchor,
            YAML::EmitterStyle::value style) {
    Node node = start(mark, kind);
    node.flow = style == YAML::EmitterStyle::Flow;
    node.has_anchors = anchor != 0;
    node.has_properties = anchor != 0 || !(tag.empty() || tag == "?");
    open_.push_back({std::move(node), false});
  }

  void close() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }

  void add(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    parent.node.has_anchors |= node.has_anchors;
    if (parent.node.kind == Node::Kind::kList) {
      parent.node.elements.emplace_back().value = std::move(node);
    } else if (!parent.has_key) {
      parent.node.elements.emplace_back().key = std::move(node);
      parent.has_key = true;
    } else {
      parent.node.elements.back().value = std::move(node);
      parent.has_key = false;
    }
  }

  std::vector<std::size_t> starts_;
  std::vector<Open> open_;
  Node root_;
};

}  // namespace

std::vector<std::size_t> line_starts(std::string_view text) {
  std::vector<std::size_t> starts{0};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') starts.push_back(i + 1);
  }
  return starts;
}

Node read_events(std::string_view text) {
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  Builder builder(text);
  parser.HandleNextDocument(builder);
  return builder.take();
}

}  // namespace switchyard::format
