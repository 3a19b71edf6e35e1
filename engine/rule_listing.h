// What a rule book holds, for looking at: rules, rows and recipes with what each layer did to them.
//
// Made from the book on request; nothing of it is kept or needed for deciding. Layers count from 0,
// the base. All functions throw Error(kUsage) for a name that the book does not have.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/error.h"
#include "engine/rule_book.h"
#include "engine/value.h"

namespace switchyard {

enum class Change { kDefined, kReplaced, kDisabled, kTurnedOn };
// "defined", "replaced", "disabled", "turned on".
std::string_view change_word(Change change);

struct HistoryStep {
  Change change;
  std::size_t layer;
  Place place;
};
using History = std::vector<HistoryStep>;  // the base first, never empty

struct ListedRule {
  std::string id;
  int priority = 0;
  std::string source;  // empty: none
  bool is_disabled = false;
  Place place;      // of the definition that counts
  Value value;      // that definition, a map; of a disabled rule the last one with outputs
  History history;  // the last step is how things are
};

struct ListedDecision {
  std::string name;
  std::string hit_policy;          // as it is written
  std::string description;         // of the first document that has one
  Value columns, outputs;          // as declared, of all documents; null: not declared
  std::vector<std::string> files;  // base first
  std::vector<ListedRule> rules;   // in the order of evaluation, then the disabled ones
};

struct ListedRow {
  std::string key;
  Value value;
  Place place;
  History history;
};

struct ListedTable {
  std::string name;
  bool folds_keys = false;
  std::vector<std::string> files;
  std::vector<ListedRow> rows;
};

// A recipe or a block library.
struct ListedSource {
  std::string name;
  bool is_library = false;
  std::string text;  // from its own first line on
  Place place;
  History history;
};

ListedDecision list_decision(const RuleBook& book, std::string_view name);
std::vector<std::string> table_names(const RuleBook& book);
bool folds_keys(const RuleBook& book, std::string_view table);
ListedTable list_table(const RuleBook& book, std::string_view name);
// The row alone, found as look-ups find it; throws when there is no such row.
ListedRow list_row(const RuleBook& book, std::string_view table, std::string_view key);
// All recipes by name, then all block libraries.
std::vector<ListedSource> list_sources(const RuleBook& book);

}  // namespace switchyard
