// Everything that a rule book holds, by name: the layers, and the tables made of them on first use.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/decision_table.h"
#include "engine/rule_layer.h"

namespace switchyard {

// Thread-safe; tables are made once, by the first thread that asks.
class RuleCatalog : public KnowledgeReader {
 public:
  // The base first. With `faults`, tables are made without what is wrong in them, and what is wrong
  // is collected; then the catalog is for one thread until all tables are made.
  explicit RuleCatalog(std::vector<std::unique_ptr<RuleLayer>> layers, Faults* faults = nullptr);

  // Makes the decision tables (and the knowledge tables) that have a part in this layer, so that
  // their errors are found now.
  void check_decisions(std::size_t layer) const;
  void check_knowledge(std::size_t layer) const;

  // Null when there is no such table. Throws Error(kUsage) for faults in its documents.
  const DecisionTable* decision(std::string_view name) const;
  bool has_decision(std::string_view name) const { return decisions_.count(name) != 0; }
  std::vector<std::string_view> decision_names() const;
  std::vector<std::string_view> table_names() const;
  const std::vector<std::unique_ptr<RuleLayer>>& layers() const { return layers_; }
  // The first layer (0 is the base) that has a part in the table.
  std::size_t first_layer_of_decision(std::string_view name) const;
  std::size_t first_layer_of_table(std::string_view name) const;

  bool has_table(std::string_view table) const override { return tables_.count(table) != 0; }
  std::optional<Value> row(std::string_view table, std::string_view key) const override;
  // Throw Error(kUsage) when there is no such table.
  std::optional<Row> find_row(std::string_view table, std::string_view key) const;
  const std::vector<std::string>& keys(std::string_view table) const;
  bool folds_keys(std::string_view table) const;
  // The row as each layer that has it gives it, with the layer's number, the base first.
  std::vector<std::pair<std::size_t, Row>> rows_by_layer(std::string_view table,
                                                          std::string_view key) const;

  // A recipe or a block library; the last layer that has it wins.
  std::optional<RuleBook::Source> source(DocumentKind kind, std::string_view name) const;
  std::vector<std::string> source_names(DocumentKind kind) const;

  std::string digest() const;

 private:
  // The documents that make one table, by layer.
  struct Entry {
    std::string_view name;
    std::vector<std::vector<std::size_t>> documents;
    mutable std::once_flag made;
  };
  struct Decision : Entry {
    mutable std::unique_ptr<const DecisionTable> table;
  };
  struct Knowledge : Entry {
    mutable std::vector<std::unique_ptr<const KnowledgeRows>> rows;  // the last layer first
    mutable std::once_flag keys_made;
    mutable std::vector<std::string> keys;
  };

  const DecisionTable& made(const Decision& entry) const;
  const std::vector<std::unique_ptr<const KnowledgeRows>>& made(const Knowledge& entry) const;
  const Knowledge& require_table(std::string_view table) const;
  void make_rows(const Knowledge& entry) const;

  Faults* faults_;
  std::vector<std::unique_ptr<RuleLayer>> layers_;
  std::unordered_map<std::string_view, std::unique_ptr<Decision>> decisions_;
  std::unordered_map<std::string_view, std::unique_ptr<Knowledge>> tables_;
};

}  // namespace switchyard
