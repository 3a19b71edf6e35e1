// Knowledge tables: plain keyed rows. One KnowledgeRows holds the rows of one table in one layer.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/faults.h"
#include "engine/rule_book.h"
#include "engine/yaml.h"

namespace switchyard {

// Immutable and thread-safe; keys in Rows live as long as the KnowledgeRows.
class KnowledgeRows {
 public:
  virtual ~KnowledgeRows() = default;
  virtual std::optional<Row> find(std::string_view key) const = 0;
  // In the order of the file.
  virtual void for_each_key(const std::function<void(std::string_view)>& use) const = 0;
  // Whether letter case and -/_ of keys do not matter.
  virtual bool folds_keys() const = 0;
  // The rows that claim to replace one of an earlier layer.
  virtual std::vector<std::pair<std::string, Place>> replacing() const { return {}; }
};

// What the documents of one table in one layer say, read strictly.
struct KnowledgeDocument {
  struct Entry {
    std::string key;
    YamlNode value;
    Place place;
  };
  std::optional<bool> fold_keys;  // nothing: not said
  std::vector<Entry> rows;
  std::vector<Entry> replacing;  // of the rows: an earlier layer must have them
};

// The keys of a knowledge document, in the order in which they are written.
const std::vector<std::string>& knowledge_keys();

// Throws Error(kUsage) with a place, or collects: wrong keys, a row given twice (under `keys: fold`
// also but for letter case and -/_), documents that differ in `keys`. `inherited_fold`: what
// earlier layers say.
KnowledgeDocument parse_knowledge(const std::vector<YamlNode>& documents,
                                  std::optional<bool> inherited_fold, Faults* faults = nullptr);

// Rows held in memory, from YAML.
std::unique_ptr<KnowledgeRows> make_rows(KnowledgeDocument document, bool fold_keys);

}  // namespace switchyard
