#include "tools/switchyard/listing_text.h"

#include "engine/format/format.h"
#include "engine/format/yaml_text.h"

namespace switchyard {
namespace {

// The entries of a map a line each; format_rules breaks what is too long.
std::string block(const Value& map, const std::string& indent) {
  std::string text, before;
  for (const auto& [key, value] : map.as_map()) {
    text += before + yaml_text(key) + ": " + yaml_text(value) + '\n';
    before = indent;
  }
  return text;
}

std::string names(const char* key, const Value& declared) {
  if (declared.is_null()) return {};
  if (!declared.is_map() || declared.as_map().empty()) {
    return std::string(key) + ": " + yaml_text(declared) + '\n';
  }
  return std::string(key) + ":\n  " + block(declared, "  ");
}

std::string item(const ListedRule& rule) { return "  - " + block(rule.value, "    "); }

std::string header(const ListedTable& table) {
  return "knowledge: " + yaml_text(table.name) + '\n' +
         (table.folds_keys ? "keys: fold\nrows:\n" : "rows:\n");
}

std::string entry(const ListedRow& row) {
  return "  " + yaml_text(row.key) + ": " + yaml_text(row.value) + '\n';
}

bool is_changed(const History& history) { return history.size() > 1; }

}  // namespace

std::string short_place(const Place& place) { return Place{place.file, place.line, 0}.str(); }

std::string history_text(const History& history, const std::string& prefix) {
  std::string text;
  for (const HistoryStep& step : history) {
    std::string word(change_word(step.change));
    word.resize(11, ' ');
    text += prefix + word + step.place.str() + '\n';
  }
  return text;
}

std::string overlay_note(const History& history) {
  const HistoryStep& last = history.back();
  switch (last.change) {
    case Change::kDefined:
      return last.layer > 0 ? "added" : "";
    case Change::kReplaced:
      return "replaces " + short_place(history[history.size() - 2].place);
    case Change::kDisabled:
      return last.layer > history.front().layer ? "disabled at " + short_place(last.place)
                                                : "disabled";
    case Change::kTurnedOn:
      return "turned on, disabled at " + short_place(history[history.size() - 2].place);
  }
  return {};
}

Value place_json(const Place& place) {
  return Map{{"file", place.file}, {"line", place.line}, {"column", place.column}};
}

Value history_json(const History& history) {
  List steps;
  for (const HistoryStep& step : history) {
    steps.push_back(Map{{"change", change_word(step.change)},
                        {"layer", static_cast<std::int64_t>(step.layer)},
                        {"place", place_json(step.place)}});
  }
  return steps;
}

std::string rule_yaml(const ListedDecision& decision, const ListedRule& rule) {
  return format_rules("# Rule of the decision " + decision.name +
                          (rule.is_disabled ? ", not in force.\n" : ".\n") +
                          history_text(rule.history, "#   ") +
                          "decision: " + yaml_text(decision.name) + "\nrules:\n" + item(rule),
                      decision.name);
}

std::string decision_yaml(const ListedDecision& decision) {
  std::string text = "decision: " + yaml_text(decision.name) + '\n';
  if (!decision.description.empty()) {
    text += "description: " + yaml_text(decision.description) + '\n';
  }
  text += "hit_policy: " + decision.hit_policy + '\n' + names("columns", decision.columns) +
          names("outputs", decision.outputs) + "rules:";
  if (decision.rules.empty()) text += " []";
  text += '\n';
  for (const ListedRule& rule : decision.rules) {
    if (is_changed(rule.history)) {
      text += history_text(rule.history, "  # ");
    } else {
      text += "  # " + rule.place.str() + '\n';
    }
    text += item(rule) + '\n';
  }
  return format_rules(text, decision.name);
}

std::string row_yaml(const ListedTable& table, const ListedRow& row) {
  return format_rules("# Row of the knowledge table " + table.name + ".\n" +
                          history_text(row.history, "#   ") + header(table) + entry(row),
                      table.name);
}

std::string table_yaml(const ListedTable& table) {
  std::string text;
  for (const std::string& file : table.files) text += "# " + file + '\n';
  text += header(table);
  for (const ListedRow& row : table.rows) {
    if (is_changed(row.history)) text += history_text(row.history, "  # ");
    text += entry(row);
  }
  return format_rules(text, table.name);
}

Value rule_json(const ListedRule& rule) {
  return Map{{"id", rule.id},
             {"priority", rule.priority},
             {"source", rule.source.empty() ? Value() : Value(rule.source)},
             {"in_force", !rule.is_disabled},
             {"place", place_json(rule.place)},
             {"history", history_json(rule.history)},
             {"rule", rule.value}};
}

Value row_json(const ListedRow& row) {
  return Map{{"key", row.key},
             {"place", place_json(row.place)},
             {"history", history_json(row.history)},
             {"row", row.value}};
}

}  // namespace switchyard
