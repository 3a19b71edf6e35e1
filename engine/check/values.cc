// Values that declared names can't have, and fields that no row has.
#include <algorithm>
#include <set>

#include "engine/check/table_checks.h"
#include "engine/text.h"

namespace switchyard {

namespace {

// Beyond this, trying every value costs more than it finds.
constexpr std::size_t kMostTried = 1024;

const DeclaredName* declared(const std::vector<DeclaredName>& names, const std::string& name) {
  const auto found = std::find_if(names.begin(), names.end(), [&](const DeclaredName& known) {
    return known.name == name && known.is_closed;
  });
  return found != names.end() ? &*found : nullptr;
}

// The values of one declared name.
class Domain {
 public:
  Domain(const DeclaredName& name, const RuleCatalog& catalog) : name_(name), catalog_(catalog) {
    std::erase_if(name_.keys_of,
                  [&](const KeysOf& keys) { return !catalog.has_table(keys.table); });
  }

  // `folded`: spellings don't matter.
  bool allows(const Value& value, bool folded = false) const {
    if (value.is_null()) return true;
    const auto equals = [&](const Value& known) {
      if (!folded || !known.is_string() || !value.is_string()) return known == value;
      return folds_to(known.as_string(), trim(value.as_string()));
    };
    if (std::any_of(name_.values.begin(), name_.values.end(), equals)) return true;
    if (!value.is_string()) return false;
    return std::any_of(name_.keys_of.begin(), name_.keys_of.end(), [&](const KeysOf& keys) {
      return has_key(keys, value.as_string(), folded);
    });
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const Value& value : name_.values) {
      if (value.is_string()) names.push_back(value.as_string());
    }
    for (const KeysOf& keys : name_.keys_of) {
      for (const std::string& key : catalog_.keys(keys.table)) {
        names.push_back(keys.folded ? fold(key) : key);
      }
    }
    return names;
  }

  std::string known_as() const {
    std::vector<std::string> tables;
    for (const KeysOf& keys : name_.keys_of) tables.push_back("\"" + keys.table + "\"");
    if (tables.empty()) return "It is one of " + join_names(names(), " or ");
    return "Its values are the keys of " + join_names(tables);
  }

 private:
  bool has_key(const KeysOf& keys, const std::string& value, bool folded) const {
    if (keys.folded && !folded && fold(value) != value) return false;
    if (catalog_.find_row(keys.table, value)) return true;
    if (!folded && !keys.folded) return false;
    const std::vector<std::string>& all = catalog_.keys(keys.table);
    return std::any_of(all.begin(), all.end(),
                       [&](const std::string& key) { return folds_to(key, trim(value)); });
  }

  DeclaredName name_;
  const RuleCatalog& catalog_;
};

class ValueCheck {
 public:
  ValueCheck(const DecisionTable& table, const RuleCatalog& catalog, Problems& problems)
      : table_(table), catalog_(catalog), problems_(problems) {}

  void run() {
    tables(table_.columns());
    tables(table_.outputs());
    for (const Rule& rule : table_.rules()) {
      rule_ = &rule;
      conditions(rule.when);
      for (const Warning& warning : rule.warnings) conditions(warning.when);
      outputs(rule);
      lookups(rule.then);
    }
  }

 private:
  void tables(const std::vector<DeclaredName>& names) {
    for (const DeclaredName& name : names) {
      for (const KeysOf& keys : name.keys_of) {
        if (catalog_.has_table(keys.table)) continue;
        std::vector<std::string> known;
        for (const std::string_view table : catalog_.table_names()) known.emplace_back(table);
        Problem problem;
        problem.place = keys.place;
        problem.kind = "unknown-table";
        problem.decision = table_.name();
        problem.what = "there is no knowledge table \"" + keys.table + "\"";
        problem.mend = did_you_mean(keys.table, known);
        problems_.push_back(std::move(problem));
      }
    }
  }

  void conditions(const Conjunction& conditions) {
    for (const Clause& clause : conditions) {
      for (const Conjunction& branch : clause.branches) this->conditions(branch);
      if (clause.kind != Clause::Kind::kColumn) continue;
      const DeclaredName* name = declared(table_.columns(), clause.column.path());
      if (name != nullptr) test(clause.test, Domain(*name, catalog_), clause);
    }
  }

  void test(const Test& test, const Domain& domain, const Clause& clause) {
    for (const Test& part : test.parts) this->test(part, domain, clause);
    if (test.operand_fact) return;
    switch (test.op) {
      case Test::Op::kEqual:
      case Test::Op::kNotEqual:
        value(test.operand, false, domain, clause.name, clause.source);
        break;
      case Test::Op::kIEquals:
      case Test::Op::kFoldsTo:
        value(test.operand, true, domain, clause.name, clause.source);
        break;
      case Test::Op::kIn:
        for (const Value& member : test.members) {
          value(member, false, domain, clause.name, clause.source);
        }
        break;
      default:
        break;
    }
  }

  void outputs(const Rule& rule) {
    const YamlNode* then = rule.node.find("then");
    if (then == nullptr) return;
    for (const YamlEntry& entry : then->entries()) {
      const DeclaredName* name = declared(table_.outputs(), entry.key);
      if (name == nullptr || entry.value.is_map()) continue;
      const Domain domain(*name, catalog_);
      if (entry.value.is_scalar()) {
        value(entry.value.value(), false, domain, entry.key, entry.value);
      }
      for (const YamlNode& item : entry.value.items()) {
        if (item.is_scalar()) value(item.value(), false, domain, entry.key, item);
      }
    }
  }

  void value(const Value& value, bool folded, const Domain& domain, const std::string& name,
             const YamlNode& node) {
    if (domain.allows(value, folded)) return;
    const std::string text = value.is_string() ? value.as_string() : value.to_json();
    std::string mend = did_you_mean(text, domain.names());
    if (mend.empty()) mend = domain.known_as();
    Problem problem =
        rule_problem(table_, *rule_, "unknown-value",
                     "`" + name + "` is never " + shorten(value.to_json(), 80), std::move(mend));
    problem.place = place_of(node, value);
    problems_.push_back(std::move(problem));
  }

  // Of the scalar with this value in a condition or output.
  static Place place_of(const YamlNode& node, const Value& value) {
    if (node.is_scalar()) return node.place();
    for (const YamlNode& item : node.items()) {
      if (item.is_scalar() ? item.value() == value : true) {
        const Place place = place_of(item, value);
        if (item.is_scalar() || place.line != 0) return place;
      }
    }
    for (const YamlEntry& entry : node.entries()) {
      if (!entry.value.is_scalar() || entry.value.value() == value) {
        return place_of(entry.value, value);
      }
    }
    return node.place();
  }

  // A field that no row of the table has gives null for every model.
  void lookups(const Template& then) {
    for (const Template& item : then.items) lookups(item);
    if (then.kind != Template::Kind::kLookup || then.field.empty()) return;
    const Format& first = then.field.front();
    if (first.parts.size() != 1 || first.parts.front().fact) return;
    const std::string path = first.parts.front().text;
    const std::set<std::string>& fields = fields_of(then.table);
    const std::string step = path.substr(0, path.find('.'));
    if (fields.empty() || fields.count(step) != 0) return;
    Problem problem = rule_problem(
        table_, *rule_, "unknown-field",
        "no row of the knowledge table \"" + then.table + "\" has the field \"" + step + "\"",
        did_you_mean(step, {fields.begin(), fields.end()}));
    problem.place = then.source.place();
    problems_.push_back(std::move(problem));
  }

  const std::set<std::string>& fields_of(const std::string& table) {
    const auto [found, is_new] = fields_.emplace(table, std::set<std::string>());
    if (!is_new) return found->second;
    for (const std::string& key : catalog_.keys(table)) {
      const auto row = catalog_.find_row(table, key);
      if (!row || !row->value.is_map()) continue;
      for (const Map::Entry& entry : row->value.as_map()) found->second.insert(entry.first);
    }
    return found->second;
  }

  const DecisionTable& table_;
  const RuleCatalog& catalog_;
  Problems& problems_;
  const Rule* rule_ = nullptr;
  std::map<std::string, std::set<std::string>> fields_;
};

}  // namespace

AllowedValues allowed_values(const DecisionTable& table, const RuleCatalog& catalog) {
  AllowedValues allowed;
  for (const DeclaredName& column : table.columns()) {
    if (!column.is_closed) continue;
    std::vector<Value> values = column.values;
    for (const std::string& name : Domain(column, catalog).names()) values.emplace_back(name);
    if (values.size() <= kMostTried) allowed.emplace(column.name, std::move(values));
  }
  return allowed;
}

void check_values(const DecisionTable& table, const RuleCatalog& catalog, Problems& problems) {
  ValueCheck(table, catalog, problems).run();
}

}  // namespace switchyard
