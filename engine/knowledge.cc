#include "engine/knowledge.h"

#include "engine/text.h"
#include "engine/yaml_check.h"

namespace switchyard {

namespace {

bool parse_keys(const YamlNode& node) {
  if (node.is_string() && node.text() == "fold") return true;
  if (node.is_string() && node.text() == "exact") return false;
  node.fail("`keys` must be exact or fold, not " + node.describe());
}

class MemoryRows : public KnowledgeRows {
 public:
  MemoryRows(KnowledgeDocument document, bool fold_keys)
      : rows_(std::move(document.rows)),
        replacing_(std::move(document.replacing)),
        fold_keys_(fold_keys) {
    position_.reserve(rows_.size());
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      position_.emplace(fold_keys_ ? fold(rows_[i].key) : rows_[i].key, i);
    }
  }

  std::optional<Row> find(std::string_view key) const override {
    const auto found = position_.find(fold_keys_ ? fold(key) : std::string(key));
    if (found == position_.end()) return std::nullopt;
    const KnowledgeDocument::Entry& row = rows_[found->second];
    return Row{row.key, row.value.value(), row.place};
  }

  bool folds_keys() const override { return fold_keys_; }

  void for_each_key(const std::function<void(std::string_view)>& use) const override {
    for (const KnowledgeDocument::Entry& row : rows_) use(row.key);
  }

  std::vector<std::pair<std::string, Place>> replacing() const override {
    std::vector<std::pair<std::string, Place>> claims;
    for (const KnowledgeDocument::Entry& row : replacing_) claims.emplace_back(row.key, row.place);
    return claims;
  }

 private:
  std::vector<KnowledgeDocument::Entry> rows_;
  std::vector<KnowledgeDocument::Entry> replacing_;
  bool fold_keys_;
  std::unordered_map<std::string, std::size_t> position_;
};

}  // namespace

const std::vector<std::string>& knowledge_keys() {
  static const std::vector<std::string> keys{"knowledge", "description", "keys", "replaces",
                                             "rows"};
  return keys;
}

KnowledgeDocument parse_knowledge(const std::vector<YamlNode>& documents,
                                  std::optional<bool> inherited_fold, Faults* faults) {
  KnowledgeDocument table;
  table.fold_keys = inherited_fold;
  for (const YamlNode& document : documents) {
    require_known_keys(document, knowledge_keys(), "a knowledge table", faults);
    const YamlNode* keys = document.find("keys");
    if (keys == nullptr) continue;
    attempt(faults, [&] {
      const bool fold_keys = parse_keys(*keys);
      if (table.fold_keys && *table.fold_keys != fold_keys) {
        keys->fail("`keys` differs from what this table says elsewhere", "Leave `keys` out here");
      }
      table.fold_keys = fold_keys;
    });
  }
  std::unordered_map<std::string, Place> seen;
  const auto add = [&](const YamlEntry& entry, bool replaces) {
    const auto [earlier, is_new] = seen.emplace(
        table.fold_keys.value_or(false) ? fold(entry.key) : entry.key, entry.key_place());
    if (!is_new) {
      throw Error(ErrorKind::kUsage, entry.key_place(),
                  "the row \"" + entry.key + "\" is given before, at " + earlier->second.str(),
                  "Remove one of the two");
    }
    table.rows.push_back({entry.key, entry.value, entry.key_place()});
    if (replaces) table.replacing.push_back(table.rows.back());
  };
  for (const YamlNode& document : documents) {
    attempt(faults, [&] {
      const YamlNode* rows = document.find("rows");
      if (rows == nullptr) document.fail("a knowledge table without `rows`");
      const YamlNode* claim = document.find("replaces");
      const bool replaces = claim != nullptr && require_bool(*claim, "`replaces`");
      if (rows->is_null()) return;
      require_map(*rows, "`rows`");
      for (const YamlEntry& entry : rows->entries()) {
        attempt(faults, [&] { add(entry, replaces); });
      }
    });
  }
  return table;
}

std::unique_ptr<KnowledgeRows> make_rows(KnowledgeDocument document, bool fold_keys) {
  return std::make_unique<MemoryRows>(std::move(document), fold_keys);
}

}  // namespace switchyard
