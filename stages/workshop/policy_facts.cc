// Facts: every declared column, and in tables without declared ones every column and {fact: ...},
// must be a path into a fact that some stage sets, which the table `facts` lists.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/rule_catalog.h"
#include "engine/text.h"
#include "stages/resolve/tables.h"
#include "stages/workshop/policy_parts.h"
#include "stages/workshop/rule_reading.h"

namespace switchyard::policy {
namespace {

class FactCheck {
 public:
  FactCheck(const RuleBook& rules, Problems& problems)
      : rules_(rules), problems_(problems), names_(keys_of(rules, "facts")) {}

  void run() {
    if (names_.empty()) return;
    for (const std::string_view decision : rules_.decisions()) {
      decision_ = decision;
      rule_ = nullptr;
      // Where columns are declared, rules keep to them (checked when they are read).
      const auto& columns = rules_.catalog().decision(decision)->columns();
      for (const DeclaredName& column : columns) check(column.name, column.place);
      if (!columns.empty()) continue;
      for (const Rule& rule : rules_of(rules_, decision)) {
        rule_ = &rule;
        if (const YamlNode* when = rule.node.find("when")) check_conditions(*when);
        if (const YamlNode* then = rule.node.find("then")) check_references(*then, false);
        if (const YamlNode* warn = rule.node.find("warn")) check_warnings(*warn);
      }
    }
  }

 private:
  void check_conditions(const YamlNode& when) {
    for (const YamlEntry& entry : when.entries()) {
      if (entry.key == "any" || entry.key == "all") {
        for (const YamlNode& branch : entry.value.items()) check_conditions(branch);
      } else if (entry.key == "not") {
        check_conditions(entry.value);
      } else {
        check(entry.key, entry.key_place());
        check_references(entry.value, false);
      }
    }
  }

  void check_warnings(const YamlNode& warn) {
    for (const YamlNode& item : warn.items()) check_warnings(item);
    if (warn.is_string()) check_text(warn);
    if (const YamlNode* when = warn.find("when")) check_conditions(*when);
    if (const YamlNode* text = warn.find("text")) check_text(*text);
  }

  // {fact: PATH}, {first: PATH}, {format: TEXT} and the parts of {lookup: ...}, at any depth.
  void check_references(const YamlNode& node, bool in_lookup) {
    for (const YamlNode& item : node.items()) check_references(item, in_lookup);
    const bool single = node.is_map() && node.entries().size() == 1;
    for (const YamlEntry& entry : node.entries()) {
      if (single && entry.key == "literal") continue;
      if (single && (entry.key == "fact" || entry.key == "first") && entry.value.is_string()) {
        check(entry.value.text(), entry.value.place());
      } else if (single && entry.key == "format") {
        check_text(entry.value);
      } else if (single && entry.key == "lookup") {
        check_references(entry.value, true);
      } else if (in_lookup && entry.key == "key" && entry.value.is_string()) {
        check(entry.value.text(), entry.value.place());
      } else if (in_lookup && entry.key == "field") {
        if (entry.value.is_string()) check_text(entry.value);
        for (const YamlNode& step : entry.value.items()) check_text(step);
      } else {
        check_references(entry.value, false);
      }
    }
  }

  void check_text(const YamlNode& node) {
    const std::string& text = node.text();
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '{') continue;
      if (i + 1 < text.size() && text[i + 1] == '{') {
        ++i;
        continue;
      }
      const std::size_t end = text.find('}', i);
      if (end == std::string::npos) return;
      check(std::string(trim(std::string_view(text).substr(i + 1, end - i - 1))), node.place());
      i = end;
    }
  }

  void check(const std::string& path, const Place& place) {
    // The longest leading part that is a fact, as conditions read it.
    std::string fact = path;
    auto row = rules_.lookup("facts", fact);
    while (!row && fact.rfind('.') != std::string::npos) {
      fact.erase(fact.rfind('.'));
      row = rules_.lookup("facts", fact);
    }
    if (!row) {
      std::string mend = did_you_mean(path, names_);
      if (mend.empty()) mend = "The facts are the rows of the table facts";
      report(place, "no stage sets a fact " + in_quotes(path), std::move(mend));
      return;
    }
    if (fact == path) return;
    const std::string step =
        path.substr(fact.size() + 1, path.find('.', fact.size() + 1) - fact.size() - 1);
    const std::string* type = string_of(row->value.find("type"));
    const bool is_plain = type != nullptr && *type != "map" && *type != "list";
    const Value* fields = row->value.find("fields");
    if (is_plain) {
      report(place, "the fact " + in_quotes(fact) + " is a " + *type + " and has nothing below it",
             "Ask for " + fact);
    } else if (fields != nullptr && !names(*fields, step)) {
      std::vector<std::string> known;
      for (const Value& field : fields->as_list()) known.push_back(fact + "." + field.as_string());
      std::string mend = did_you_mean(fact + "." + step, known);
      if (mend.empty()) mend = "It has " + join_names(known);
      report(place, "the fact " + in_quotes(fact) + " has no field " + in_quotes(step),
             std::move(mend));
    }
  }

  void report(const Place& place, std::string what, std::string mend) {
    Problem problem;
    problem.place = place;
    problem.kind = "unknown-fact";
    problem.decision = std::string(decision_);
    if (rule_ != nullptr) problem.rule = rule_->id;
    problem.what = std::move(what);
    problem.mend = std::move(mend);
    problems_.push_back(std::move(problem));
  }

  const RuleBook& rules_;
  Problems& problems_;
  std::vector<std::string> names_;
  std::string_view decision_;
  const Rule* rule_ = nullptr;
};

}  // namespace

void check_facts(const RuleBook& rules, Problems& problems) { FactCheck(rules, problems).run(); }

}  // namespace switchyard::policy
