#include "engine/format/canonical_order.h"

#include <algorithm>
#include <span>
#include <string_view>

namespace switchyard::format {

namespace {

constexpr std::string_view kDecision[] = {"decision", "description", "hit_policy", "columns",
                                          "outputs",  "disjoint",    "rules"};
constexpr std::string_view kRule[] = {"id",     "replaces", "priority", "when",       "then",
                                      "source", "warn",     "disabled", "description"};
constexpr std::string_view kKnowledge[] = {"knowledge", "description", "replaces", "keys", "rows"};
constexpr std::string_view kRecipe[] = {"recipe", "description", "prefix",   "use",
                                        "let",    "inputs",      "variants", "blocks",
                                        "graph",  "heads",       "ignore"};
constexpr std::string_view kLibrary[] = {"blocks_library", "description", "use", "blocks"};

Node* find(Node& map, std::string_view key) {
  for (Element& element : map.elements) {
    if (element.key.parsed == key) return &element.value;
  }
  return nullptr;
}

void order(Node& map, std::span<const std::string_view> keys) {
  if (map.has_anchors) return;
  const auto rank = [&](const Element& element) {
    return std::find(keys.begin(), keys.end(), element.key.parsed) - keys.begin();
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
        if (rule.value.kind == Node::Kind::kMap) order(rule.value, kRule);
      }
    }
    order(root, kDecision);
  } else if (find(root, "knowledge") != nullptr) {
    mark_rows(find(root, "rows"));
    order(root, kKnowledge);
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
