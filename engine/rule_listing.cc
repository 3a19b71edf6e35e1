#include "engine/rule_listing.h"

#include <algorithm>
#include <map>

#include "engine/rule_catalog.h"
#include "engine/text.h"

namespace switchyard {

namespace {

void add_once(std::vector<std::string>& list, std::string_view item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.emplace_back(item);
}

// The parsed documents of a decision, with their layers.
std::vector<std::pair<std::size_t, YamlNode>> documents_of(const RuleCatalog& catalog,
                                                           std::string_view decision) {
  std::vector<std::pair<std::size_t, YamlNode>> documents;
  for (std::size_t layer = 0; layer < catalog.layers().size(); ++layer) {
    const RuleLayer& rules = *catalog.layers()[layer];
    for (std::size_t i = 0; i < rules.documents().size(); ++i) {
      const RuleLayer::Document& document = rules.documents()[i];
      if (document.kind == DocumentKind::kDecision && document.name == decision) {
        documents.emplace_back(layer, rules.parse(i));
      }
    }
  }
  return documents;
}

// Declared names of several documents as one value: a list where none has more than names.
void add_names(const YamlNode* declared, Value& names) {
  if (declared == nullptr) return;
  if (names.is_null() && declared->is_list()) {
    names = declared->value();
    return;
  }
  Map all;
  if (names.is_map()) all = names.as_map();
  if (names.is_list()) {
    for (const Value& name : names.as_list()) all.set(name.as_string(), Value());
  }
  for (const YamlNode& name : declared->items()) all.set(name.text(), Value());
  for (const YamlEntry& name : declared->entries()) all.set(name.key, name.value.value());
  names = Value(std::move(all));
}

bool is_true(const YamlNode* node) {
  return node != nullptr && node->value().is_bool() && node->value().as_bool();
}

void add_step(ListedRule& rule, const YamlNode& node, std::size_t layer) {
  const bool disables = is_true(node.find("disabled"));
  Change change = Change::kDefined;
  if (!rule.history.empty()) {
    change = disables           ? Change::kDisabled
             : rule.is_disabled ? Change::kTurnedOn
                                : Change::kReplaced;
  }
  rule.history.push_back({change, layer, node.place()});
  if (change == Change::kDefined && disables) {
    rule.history.push_back({Change::kDisabled, layer, node.place()});
  }
  rule.is_disabled = disables;
  if (disables && node.find("then") == nullptr && !rule.value.is_null()) return;
  rule.value = node.value();
  rule.place = node.place();
  const YamlNode* priority = node.find("priority");
  rule.priority = priority != nullptr ? static_cast<int>(priority->value().as_int()) : 0;
  const YamlNode* source = node.find("source");
  rule.source = source != nullptr ? source->text() : "";
}

// The rules as the table evaluates them, the disabled ones behind.
std::vector<ListedRule> in_order(std::map<std::string, ListedRule> by_id,
                                 const std::vector<std::string>& ids, const DecisionTable& table) {
  std::vector<ListedRule> rules;
  for (const Rule& rule : table.rules()) {
    const auto found = by_id.find(rule.id);
    rules.push_back(std::move(found->second));
    by_id.erase(found);
  }
  for (const std::string& id : ids) {
    const auto found = by_id.find(id);
    if (found != by_id.end()) rules.push_back(std::move(found->second));
  }
  return rules;
}

std::string_view policy_word(HitPolicy policy) {
  switch (policy) {
    case HitPolicy::kPriority:
      return "priority";
    case HitPolicy::kFirst:
      return "first";
    case HitPolicy::kUnique:
      return "unique";
    case HitPolicy::kCollect:
      return "collect";
  }
  return {};
}

ListedRow listed(const std::vector<std::pair<std::size_t, Row>>& rows) {
  ListedRow row;
  row.key = rows.back().second.key;
  row.value = rows.back().second.value;
  row.place = rows.back().second.place;
  for (const auto& [layer, step] : rows) {
    row.history.push_back(
        {row.history.empty() ? Change::kDefined : Change::kReplaced, layer, step.place});
  }
  return row;
}

}  // namespace

std::string_view change_word(Change change) {
  switch (change) {
    case Change::kDefined:
      return "defined";
    case Change::kReplaced:
      return "replaced";
    case Change::kDisabled:
      return "disabled";
    case Change::kTurnedOn:
      return "turned on";
  }
  return {};
}

ListedDecision list_decision(const RuleBook& book, std::string_view name) {
  const DecisionTable* table = book.catalog().decision(name);
  if (table == nullptr) {
    throw Error(ErrorKind::kUsage, {}, "there is no decision table \"" + std::string(name) + "\"");
  }
  ListedDecision decision;
  decision.name = name;
  decision.hit_policy = policy_word(table->hit_policy());
  std::map<std::string, ListedRule> rules;
  std::vector<std::string> ids;
  for (const auto& [layer, document] : documents_of(book.catalog(), name)) {
    add_once(decision.files, document.file());
    const YamlNode* description = document.find("description");
    if (description != nullptr && decision.description.empty()) {
      decision.description = description->text();
    }
    add_names(document.find("columns"), decision.columns);
    add_names(document.find("outputs"), decision.outputs);
    for (const YamlNode& node : document.find("rules")->items()) {
      ListedRule& rule = rules[node.find("id")->text()];
      if (rule.history.empty()) ids.push_back(node.find("id")->text());
      rule.id = node.find("id")->text();
      add_step(rule, node, layer);
    }
  }
  decision.rules = in_order(std::move(rules), ids, *table);
  return decision;
}

std::vector<std::string> table_names(const RuleBook& book) {
  std::vector<std::string> names;
  for (const std::string_view name : book.catalog().table_names()) names.emplace_back(name);
  return names;
}

bool folds_keys(const RuleBook& book, std::string_view table) {
  return book.catalog().folds_keys(table);
}

ListedTable list_table(const RuleBook& book, std::string_view name) {
  ListedTable table;
  table.name = name;
  table.folds_keys = book.catalog().folds_keys(name);
  for (const std::string& key : book.keys(name)) {
    table.rows.push_back(listed(book.catalog().rows_by_layer(name, key)));
    for (const HistoryStep& step : table.rows.back().history) {
      add_once(table.files, step.place.file);
    }
  }
  return table;
}

ListedRow list_row(const RuleBook& book, std::string_view table, std::string_view key) {
  const auto rows = book.catalog().rows_by_layer(table, key);
  if (!rows.empty()) return listed(rows);
  throw Error(
      ErrorKind::kUsage, {},
      "the knowledge table \"" + std::string(table) + "\" has no row \"" + std::string(key) + "\"",
      did_you_mean(key, book.keys(table)));
}

std::vector<ListedSource> list_sources(const RuleBook& book) {
  std::vector<ListedSource> sources;
  const auto& layers = book.catalog().layers();
  for (const DocumentKind kind : {DocumentKind::kRecipe, DocumentKind::kBlockLibrary}) {
    for (const std::string& name : book.catalog().source_names(kind)) {
      ListedSource source;
      source.name = name;
      source.is_library = kind == DocumentKind::kBlockLibrary;
      for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        const auto& documents = layers[layer]->documents();
        for (std::size_t i = 0; i < documents.size(); ++i) {
          if (documents[i].kind != kind || documents[i].name != name) continue;
          const auto change = source.history.empty() ? Change::kDefined : Change::kReplaced;
          source.place = documents[i].place;
          source.history.push_back({change, layer, source.place});
          source.text = layers[layer]->text(i);
        }
      }
      // The text stands behind as many empty lines as the file has before it.
      source.text.erase(0, std::min(source.text.find_first_not_of('\n'), source.text.size()));
      sources.push_back(std::move(source));
    }
  }
  return sources;
}

}  // namespace switchyard
