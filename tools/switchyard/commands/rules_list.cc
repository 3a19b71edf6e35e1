#include <cstdio>
#include <string>

#include "engine/error.h"
#include "engine/rule_listing.h"
#include "engine/text.h"
#include "engine/yaml.h"
#include "tools/switchyard/commands/commands.h"
#include "tools/switchyard/listing_text.h"
#include "tools/switchyard/model_request.h"
#include "tools/switchyard/text_table.h"

namespace switchyard {
namespace {

std::string joined(const std::vector<std::string>& files) {
  constexpr std::size_t kShown = 2;  // base and overlay
  std::string text;
  for (std::size_t i = 0; i < files.size() && i < kShown; ++i) {
    text += (i > 0 ? ", " : "") + files[i];
  }
  if (files.size() > kShown) text += " and " + std::to_string(files.size() - kShown) + " more";
  return text;
}

Value as_json(const std::vector<std::string>& files) { return List(files.begin(), files.end()); }

std::size_t rules_in_force(const ListedDecision& decision) {
  std::size_t count = 0;
  for (const ListedRule& rule : decision.rules) count += rule.is_disabled ? 0 : 1;
  return count;
}

struct Everything {
  std::vector<ListedDecision> decisions;
  std::vector<ListedTable> tables;
  std::vector<ListedSource> sources;
};

Everything everything(const RuleBook& book) {
  Everything all;
  for (const std::string_view name : book.decisions()) {
    all.decisions.push_back(list_decision(book, name));
  }
  for (const std::string& name : table_names(book)) all.tables.push_back(list_table(book, name));
  all.sources = list_sources(book);
  return all;
}

void print_all(const Everything& all) {
  TextTable decisions({"DECISION", "HIT POLICY", "RULES", "FILES"});
  decisions.align_right(2);
  for (const ListedDecision& decision : all.decisions) {
    decisions.add({decision.name, decision.hit_policy, std::to_string(rules_in_force(decision)),
                   joined(decision.files)});
  }
  TextTable tables({"KNOWLEDGE TABLE", "ROWS", "FILES"});
  tables.align_right(1);
  for (const ListedTable& table : all.tables) {
    tables.add({table.name, std::to_string(table.rows.size()), joined(table.files)});
  }
  TextTable recipes({"RECIPE", "FILE"}), libraries({"BLOCK LIBRARY", "FILE"});
  for (const ListedSource& source : all.sources) {
    (source.is_library ? libraries : recipes)
        .add({source.name, source.place.file, overlay_note(source.history)});
  }
  std::printf("%s\n%s\n%s\n%s", decisions.str().c_str(), tables.str().c_str(),
              recipes.str().c_str(), libraries.str().c_str());
}

Value all_json(const Everything& all) {
  List decisions, tables, recipes, libraries;
  for (const ListedDecision& decision : all.decisions) {
    decisions.push_back(Map{{"name", decision.name},
                            {"hit_policy", decision.hit_policy},
                            {"rules", static_cast<std::int64_t>(rules_in_force(decision))},
                            {"files", as_json(decision.files)}});
  }
  for (const ListedTable& table : all.tables) {
    tables.push_back(Map{{"name", table.name},
                         {"rows", static_cast<std::int64_t>(table.rows.size())},
                         {"files", as_json(table.files)}});
  }
  for (const ListedSource& source : all.sources) {
    (source.is_library ? libraries : recipes)
        .push_back(Map{{"name", source.name}, {"file", source.place.file}});
  }
  return Map{{"decisions", decisions},
             {"knowledge", tables},
             {"recipes", recipes},
             {"blocks_libraries", libraries}};
}

void print(const ListedDecision& decision) {
  std::printf("decision %s, hit policy %s\n\n", decision.name.c_str(), decision.hit_policy.c_str());
  TextTable table({"PRIORITY", "RULE", "SOURCE", "PLACE", ""});
  table.align_right(0);
  for (const ListedRule& rule : decision.rules) {
    table.add({std::to_string(rule.priority), rule.id, rule.source, short_place(rule.place),
               overlay_note(rule.history)});
  }
  std::fputs(table.str().c_str(), stdout);
}

void print(const ListedTable& listed) {
  std::printf("knowledge table %s, %zu rows%s\n\n", listed.name.c_str(), listed.rows.size(),
              listed.folds_keys ? ", letter case and -/_ of keys don't matter" : "");
  TextTable table({"KEY", "PLACE", ""});
  for (const ListedRow& row : listed.rows) {
    table.add({row.key, short_place(row.place), overlay_note(row.history)});
  }
  std::fputs(table.str().c_str(), stdout);
}

// The blocks and heads of a recipe, with their lines.
void print(const ListedSource& source) {
  std::printf("%s %s, %s\n\n", source.is_library ? "block library" : "recipe", source.name.c_str(),
              source.place.str().c_str());
  const YamlNode root = parse_yaml(source.text, source.place.file, source.place.line);
  TextTable table;
  for (const char* part : {"blocks", "heads"}) {
    const YamlNode* entries = root.find(part);
    if (entries == nullptr) continue;
    for (const YamlEntry& entry : entries->entries()) {
      table.add({part == std::string_view("blocks") ? "block" : "head", entry.key,
                 short_place(entry.key_place())});
    }
  }
  std::fputs(table.str().c_str(), stdout);
}

Value as_json(const ListedDecision& decision) {
  List rules;
  for (const ListedRule& rule : decision.rules) rules.push_back(rule_json(rule));
  return Map{{"decision", decision.name},        {"hit_policy", decision.hit_policy},
             {"columns", decision.columns},      {"outputs", decision.outputs},
             {"files", as_json(decision.files)}, {"rules", rules}};
}

Value as_json(const ListedTable& table) {
  List rows;
  for (const ListedRow& row : table.rows) rows.push_back(row_json(row));
  return Map{{"knowledge", table.name},
             {"keys", table.folds_keys ? "fold" : "exact"},
             {"files", as_json(table.files)},
             {"rows", rows}};
}

Value as_json(const ListedSource& source) {
  return Map{{source.is_library ? "blocks_library" : "recipe", source.name},
             {"place", place_json(source.place)},
             {"history", history_json(source.history)}};
}

// Prints what has this name, of every kind; a name may belong to several.
class NamePrinter {
 public:
  explicit NamePrinter(bool json) : json_(json) {}

  template <typename Listed>
  void add(const Listed& listed) {
    if (json_) {
      found_.push_back(as_json(listed));
      return;
    }
    if (count_++ > 0) std::printf("\n");
    print(listed);
  }

  bool finish() {
    if (json_ && !found_.empty()) std::printf("%s\n", Value(found_).to_json(2).c_str());
    return count_ > 0 || !found_.empty();
  }

 private:
  bool json_;
  std::size_t count_ = 0;
  List found_;
};

void list_name(const RuleBook& book, const std::string& name, bool json) {
  NamePrinter printer(json);
  std::vector<std::string> names = table_names(book);
  if (book.has_decision(name)) printer.add(list_decision(book, name));
  if (book.has_knowledge(name)) printer.add(list_table(book, name));
  for (const ListedSource& source : list_sources(book)) {
    if (source.name == name) printer.add(source);
    names.push_back(source.name);
  }
  if (printer.finish()) return;
  for (const std::string_view decision : book.decisions()) names.emplace_back(decision);
  const std::string near = did_you_mean(name, names);
  throw Error(ErrorKind::kUsage, {},
              "there is no decision, knowledge table, recipe or block library \"" + name + "\"",
              near.empty() ? "`switchyard rules list` names them all" : near);
}

}  // namespace

int rules_list_command(const Arguments& arguments) {
  const auto book = load_rules(arguments);
  const bool json = arguments.format == OutputFormat::kJson;
  if (!arguments.operands.empty()) {
    list_name(*book, arguments.operands.front(), json);
  } else if (json) {
    std::printf("%s\n", all_json(everything(*book)).to_json(2).c_str());
  } else {
    print_all(everything(*book));
  }
  return 0;
}

}  // namespace switchyard
