#include <cstdio>
#include <string>

#include "engine/error.h"
#include "engine/rule_listing.h"
#include "engine/text.h"
#include "tools/switchyard/commands/commands.h"
#include "tools/switchyard/listing_text.h"
#include "tools/switchyard/model_request.h"

namespace switchyard {
namespace {

// Everything that an ID stands for; an id may be used in several decisions, and a name for a
// decision and a table alike.
class Finder {
 public:
  Finder(const RuleBook& book, const std::string& id) : book_(book), id_(id) {
    decisions();
    knowledge();
    sources();
  }

  const std::vector<std::string>& texts() const { return texts_; }
  const List& json() const { return json_; }
  const std::vector<std::string>& names() const { return names_; }

 private:
  void add(std::string text, Value json) {
    texts_.push_back(std::move(text));
    json_.push_back(std::move(json));
  }

  void decisions() {
    for (const std::string_view name : book_.decisions()) {
      const ListedDecision decision = list_decision(book_, name);
      names_.push_back(decision.name);
      List rules;
      for (const ListedRule& rule : decision.rules) {
        names_.push_back(rule.id);
        rules.push_back(rule_json(rule));
        if (rule.id != id_ && decision.name + '/' + rule.id != id_) continue;
        Map json{{"kind", "rule"}, {"decision", decision.name}};
        for (const auto& [key, value] : rules.back().as_map()) json.set(key, value);
        add(rule_yaml(decision, rule), json);
      }
      if (decision.name != id_) continue;
      add(decision_yaml(decision), Map{{"kind", "decision"},
                                       {"decision", decision.name},
                                       {"hit_policy", decision.hit_policy},
                                       {"columns", decision.columns},
                                       {"outputs", decision.outputs},
                                       {"rules", std::move(rules)}});
    }
  }

  void knowledge() {
    for (const std::string& name : table_names(book_)) {
      names_.push_back(name);
      if (name == id_) {
        const ListedTable table = list_table(book_, name);
        List rows;
        for (const ListedRow& row : table.rows) rows.push_back(row_json(row));
        add(table_yaml(table), Map{{"kind", "knowledge"},
                                   {"knowledge", name},
                                   {"keys", table.folds_keys ? "fold" : "exact"},
                                   {"rows", std::move(rows)}});
      } else if (id_.starts_with(name + '/')) {
        row(name, id_.substr(name.size() + 1));
      }
    }
  }

  void row(const std::string& table, const std::string& key) {
    if (!book_.lookup(table, key)) {
      for (const std::string& known : book_.keys(table)) names_.push_back(table + '/' + known);
      return;
    }
    const ListedRow row = list_row(book_, table, key);
    ListedTable head;
    head.name = table;
    head.folds_keys = folds_keys(book_, table);
    Map json{{"kind", "row"}, {"knowledge", table}};
    const Value parts = row_json(row);
    for (const auto& [name, value] : parts.as_map()) json.set(name, value);
    add(row_yaml(head, row), json);
  }

  void sources() {
    for (const ListedSource& source : list_sources(book_)) {
      names_.push_back(source.name);
      if (source.name != id_) continue;
      const char* kind = source.is_library ? "blocks_library" : "recipe";
      add((source.is_library ? "# Block library.\n" : "# Recipe.\n") +
              history_text(source.history, "#   ") + source.text,
          Map{{"kind", kind},
              {"name", source.name},
              {"place", place_json(source.place)},
              {"history", history_json(source.history)},
              {"text", source.text}});
    }
  }

  const RuleBook& book_;
  const std::string& id_;
  std::vector<std::string> texts_;
  List json_;
  std::vector<std::string> names_;
};

}  // namespace

int rules_show_command(const Arguments& arguments) {
  const auto book = load_rules(arguments);
  const std::string& id = arguments.operands.front();
  const Finder found(*book, id);
  if (found.texts().empty()) {
    const std::string near = did_you_mean(id, found.names());
    throw Error(
        ErrorKind::kUsage, {},
        "there is no rule, decision, knowledge table, row, recipe or block library \"" + id + "\"",
        near.empty() ? "`switchyard rules list` names what there is; a row is TABLE/KEY" : near);
  }
  if (arguments.format == OutputFormat::kJson) {
    std::printf("%s\n", Value(found.json()).to_json(2).c_str());
    return 0;
  }
  for (std::size_t i = 0; i < found.texts().size(); ++i) {
    std::printf("%s%s", i > 0 ? "---\n" : "", found.texts()[i].c_str());
  }
  return 0;
}

}  // namespace switchyard
