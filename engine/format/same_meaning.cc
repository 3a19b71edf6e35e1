#include "engine/format/same_meaning.h"

#include <algorithm>

namespace switchyard::format {

namespace {

using Entries = std::vector<const YamlEntry*>;

Entries by_key(const YamlNode& map) {
  Entries entries;
  for (const YamlEntry& entry : map.entries()) entries.push_back(&entry);
  std::sort(entries.begin(), entries.end(),
            [](const YamlEntry* a, const YamlEntry* b) { return a->key < b->key; });
  return entries;
}

bool same(const YamlNode& a, const YamlNode& b) {
  if (a.is_map() != b.is_map() || a.is_list() != b.is_list()) return false;
  if (a.is_map()) {
    const Entries in_a = by_key(a), in_b = by_key(b);
    return std::equal(in_a.begin(), in_a.end(), in_b.begin(), in_b.end(),
                      [](const YamlEntry* x, const YamlEntry* y) {
                        return x->key == y->key && same(x->value, y->value);
                      });
  }
  if (a.is_list()) {
    return std::equal(a.items().begin(), a.items().end(), b.items().begin(), b.items().end(), same);
  }
  return a.text() == b.text() && a.is_quoted() == b.is_quoted();
}

std::vector<std::string_view> texts(const std::vector<Comment>& comments) {
  std::vector<std::string_view> texts;
  for (const Comment& comment : comments) texts.emplace_back(comment.text);
  std::sort(texts.begin(), texts.end());
  return texts;
}

}  // namespace

bool same_meaning(const YamlNode& before, const std::vector<Comment>& comments_before,
                  std::string_view after, const std::string& file) {
  if (!same(before, parse_yaml(after, file))) return false;
  const Document document = read_source(after, file, 1);
  return texts(comments_before) == texts(document.all_comments);
}

}  // namespace switchyard::format
