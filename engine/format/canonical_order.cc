#include "engine/format/canonical_order.h"

#include <algorithm>
#include <string_view>

#include "engine/knowledge.h"
#include "engine/rule.h"

namespace switchyard::format {

namespace {

constexpr std::string_view kRecipe[] = {"recipe", "description", "prefix",   "use",
                                        "let",    "inputs",      "variants", "blocks",
                                        "graph",  "use_heads",   "heads",    "parts",
                                        "ignore"};
constexpr std::string_view kLibrary[] = {"blocks_library", "description", "use", "blocks",
                                         "heads"};

Node* find(Node& map, std::string_view key) {
  for (Element& element : map.elements) {
    if (element.key.parsed == key) return &element.value;
  }
  return nullptr;
}

template <typename Keys>
void order(Node& map, const Keys& keys) {
  if (map.has_anchors) return;
  const auto rank = [&](const Element& element) {
    return std::find(std::begin(keys), std::end(keys), element.key.parsed) - std::begin(keys);
  };
  std::stable_sort(map.elements.begin(), map.elements.end(),
                   [&](const Element& a, const Element& b) { return rank(a) < rank(b); });
}

void mark_rows(Node* rows) {
  if (rows == nullptr) return;
  for (Element& row : rows->elements) row.is_row = true;
}

}  // namespace

void order_keys(Node& root) {
  if (root.kind != Node::Kind::kMap) return;
  if (find(root, "decision") != nullptr) {
    if (Node* rules = find(root, "rules"); rules != nullptr && rules->kind == Node::Kind::kList) {
      mark_rows(rules);
      for (Element& rule : rules->elements) {
        if (rule.value.kind == Node::Kind::kMap) order(rule.value, rule_keys());
      }
    }
    order(root, decision_keys());
  } else if (find(root, "knowledge") != nullptr) {
    mark_rows(find(root, "rows"));
    order(root, knowledge_keys());
  } else if (find(root, "recipe") != nullptr) {
    if (Node* variants = find(root, "variants")) {
      mark_rows(find(*variants, "rows"));
      for (Element& entry : variants->elements) {
        if (entry.key.parsed == "defaults") entry.is_row = true;
      }
    }
    order(root, kRecipe);
  } else if (find(root, "blocks_library") != nullptr) {
    order(root, kLibrary);
  }
}

}  // namespace switchyard::format
