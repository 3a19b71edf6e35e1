#include "engine/rule_catalog.h"

#include <algorithm>
#include <set>

#include "engine/digest.h"
#include "engine/layer_merge.h"
#include "engine/text.h"

namespace switchyard {

namespace {

template <typename Entries>
auto& entry_for(Entries& entries, std::string_view name, std::size_t layers) {
  auto& entry = entries[name];
  if (!entry) {
    entry = std::make_unique<typename Entries::mapped_type::element_type>();
    entry->name = name;
    entry->documents.resize(layers);
  }
  return *entry;
}

template <typename Entries>
std::vector<std::string_view> sorted_names(const Entries& entries) {
  std::vector<std::string_view> names;
  for (const auto& [name, entry] : entries) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

RuleCatalog::RuleCatalog(std::vector<std::unique_ptr<RuleLayer>> layers, Faults* faults)
    : faults_(faults), layers_(std::move(layers)) {
  for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
    const std::vector<RuleLayer::Document>& documents = layers_[layer]->documents();
    for (std::size_t i = 0; i < documents.size(); ++i) {
      const auto& [kind, name, place] = documents[i];
      if (kind == DocumentKind::kDecision) {
        entry_for(decisions_, name, layers_.size()).documents[layer].push_back(i);
      } else if (kind == DocumentKind::kKnowledge) {
        entry_for(tables_, name, layers_.size()).documents[layer].push_back(i);
      }
    }
  }
}

void RuleCatalog::check_decisions(std::size_t layer) const {
  for (const std::string_view name : sorted_names(decisions_)) {
    const Decision& entry = *decisions_.at(name);
    if (!entry.documents[layer].empty()) made(entry);
  }
}

void RuleCatalog::check_knowledge(std::size_t layer) const {
  for (const std::string_view name : sorted_names(tables_)) {
    const Knowledge& entry = *tables_.at(name);
    if (!entry.documents[layer].empty()) made(entry);
  }
}

const DecisionTable& RuleCatalog::made(const Decision& entry) const {
  std::call_once(entry.made, [&] {
    const std::size_t before = faults_ != nullptr ? faults_->size() : 0;
    DecisionLayers documents(layers_.size());
    bool is_checked = true;
    for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
      const ReadMode mode{!layers_[layer]->is_checked(), faults_};
      for (const std::size_t document : entry.documents[layer]) {
        is_checked = is_checked && layers_[layer]->is_checked();
        attempt(faults_, [&] {
          documents[layer].push_back(parse_decision(layers_[layer]->parse(document), *this, mode));
        });
      }
    }
    entry.table = std::make_unique<const DecisionTable>(std::string(entry.name),
                                                        std::move(documents), faults_, is_checked);
    if (faults_ != nullptr) faults_->name_table(before, std::string(entry.name));
  });
  return *entry.table;
}

void RuleCatalog::make_rows(const Knowledge& entry) const {
  std::vector<std::unique_ptr<const KnowledgeRows>> made;  // the last layer first
  std::optional<bool> fold_keys;
  for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
    if (entry.documents[layer].empty()) continue;
    attempt(faults_, [&] {
      auto rows = layers_[layer]->rows(entry.documents[layer], fold_keys, faults_);
      for (const auto& replacing : rows->replacing()) {
        const auto& key = replacing.first;
        const auto& place = replacing.second;
        const bool is_there = std::any_of(made.begin(), made.end(), [&](const auto& earlier) {
          return earlier->find(key).has_value();
        });
        if (is_there) continue;
        attempt(faults_, [&] {
          throw Error(ErrorKind::kUsage, place,
                      "the knowledge table \"" + std::string(entry.name) + "\" has no row \"" +
                          key + "\" to replace",
                      "Leave `replaces` out of a document with new rows");
        });
      }
      made.insert(made.begin(), std::move(rows));
    });
  }
  entry.rows = std::move(made);
}

const std::vector<std::unique_ptr<const KnowledgeRows>>& RuleCatalog::made(
    const Knowledge& entry) const {
  std::call_once(entry.made, [&] {
    const std::size_t before = faults_ != nullptr ? faults_->size() : 0;
    make_rows(entry);
    if (faults_ != nullptr) faults_->name_table(before, std::string(entry.name));
  });
  return entry.rows;
}

const DecisionTable* RuleCatalog::decision(std::string_view name) const {
  const auto found = decisions_.find(name);
  return found != decisions_.end() ? &made(*found->second) : nullptr;
}

std::vector<std::string_view> RuleCatalog::decision_names() const {
  return sorted_names(decisions_);
}

std::vector<std::string_view> RuleCatalog::table_names() const { return sorted_names(tables_); }

namespace {

template <typename Entries>
std::size_t first_layer(const Entries& entries, std::string_view name) {
  const auto& documents = entries.at(name)->documents;
  const auto found = std::find_if(documents.begin(), documents.end(),
                                  [](const auto& layer) { return !layer.empty(); });
  return static_cast<std::size_t>(found - documents.begin());
}

}  // namespace

std::size_t RuleCatalog::first_layer_of_decision(std::string_view name) const {
  return first_layer(decisions_, name);
}

std::size_t RuleCatalog::first_layer_of_table(std::string_view name) const {
  return first_layer(tables_, name);
}

const RuleCatalog::Knowledge& RuleCatalog::require_table(std::string_view table) const {
  const auto found = tables_.find(table);
  if (found != tables_.end()) return *found->second;
  std::vector<std::string> names;
  for (const std::string_view name : sorted_names(tables_)) names.emplace_back(name);
  throw Error(ErrorKind::kUsage, {},
              "there is no knowledge table \"" + std::string(table) + "\" in the rules",
              did_you_mean(table, names));
}

std::optional<Row> RuleCatalog::find_row(std::string_view table, std::string_view key) const {
  for (const auto& rows : made(require_table(table))) {
    if (std::optional<Row> row = rows->find(key)) return row;
  }
  return std::nullopt;
}

std::optional<Value> RuleCatalog::row(std::string_view table, std::string_view key) const {
  std::optional<Row> row = find_row(table, key);
  if (!row) return std::nullopt;
  return std::move(row->value);
}

const std::vector<std::string>& RuleCatalog::keys(std::string_view table) const {
  const Knowledge& entry = require_table(table);
  std::call_once(entry.keys_made, [&] {
    std::vector<std::string> keys;
    std::set<std::string, std::less<>> seen;
    const auto& layers = made(entry);
    for (auto rows = layers.rbegin(); rows != layers.rend(); ++rows) {
      (*rows)->for_each_key([&](std::string_view key) {
        // A row that replaces another keeps its place; under folded keys the spelling may differ.
        const std::optional<Row> row = layers.size() > 1 ? find_row(table, key) : std::nullopt;
        std::string spelling(row ? row->key : key);
        if (seen.insert(spelling).second) keys.push_back(std::move(spelling));
      });
    }
    entry.keys = std::move(keys);
  });
  return entry.keys;
}

bool RuleCatalog::folds_keys(std::string_view table) const {
  const auto& layers = made(require_table(table));
  return !layers.empty() && layers.front()->folds_keys();
}

std::vector<std::pair<std::size_t, Row>> RuleCatalog::rows_by_layer(std::string_view table,
                                                                    std::string_view key) const {
  const Knowledge& entry = require_table(table);
  const auto& made_rows = made(entry);
  std::vector<std::pair<std::size_t, Row>> history;
  auto rows = made_rows.rbegin();
  for (std::size_t layer = 0; layer < layers_.size() && rows != made_rows.rend(); ++layer) {
    if (entry.documents[layer].empty()) continue;
    if (std::optional<Row> row = (*rows)->find(key)) history.emplace_back(layer, std::move(*row));
    ++rows;
  }
  return history;
}

std::optional<RuleBook::Source> RuleCatalog::source(DocumentKind kind,
                                                    std::string_view name) const {
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
    const std::vector<RuleLayer::Document>& documents = (*layer)->documents();
    for (std::size_t i = 0; i < documents.size(); ++i) {
      if (documents[i].kind == kind && documents[i].name == name) {
        return RuleBook::Source{(*layer)->text(i), documents[i].place.file};
      }
    }
  }
  return std::nullopt;
}

std::vector<std::string> RuleCatalog::source_names(DocumentKind kind) const {
  std::set<std::string> names;
  for (const auto& layer : layers_) {
    for (const RuleLayer::Document& document : layer->documents()) {
      if (document.kind == kind) names.emplace(document.name);
    }
  }
  return {names.begin(), names.end()};
}

std::string RuleCatalog::digest() const {
  if (layers_.size() == 1) return layers_.front()->digest();
  Sha256 digest;
  for (const auto& layer : layers_) digest.add_field(layer->digest());
  return digest.hex();
}

}  // namespace switchyard
