// What a rule book holds, as YAML that could stand in an overlay, and as JSON.
#pragma once

#include <string>
#include <vector>

#include "engine/rule_listing.h"

namespace switchyard {

// "defined   rules/tasks.yaml:12:5", a line for each step, `prefix` before it.
std::string history_text(const History& history, const std::string& prefix);
Value history_json(const History& history);
Value place_json(const Place& place);

// "rules/tasks.yaml:12"
std::string short_place(const Place& place);
// What overlays did, in a few words: "replaces rules/tasks.yaml:12"; empty: nothing.
std::string overlay_note(const History& history);

// One rule as a document with that rule; its history as comments above.
std::string rule_yaml(const ListedDecision& decision, const ListedRule& rule);
// The whole table; the place of each rule as a comment above it.
std::string decision_yaml(const ListedDecision& decision);
std::string row_yaml(const ListedTable& table, const ListedRow& row);
std::string table_yaml(const ListedTable& table);

Value rule_json(const ListedRule& rule);
Value row_json(const ListedRow& row);

}  // namespace switchyard
