// parse_decision: from YAML to the rules of a decision table.
#include <limits>
#include <unordered_map>

#include "engine/rule.h"
#include "engine/text.h"
#include "engine/yaml_check.h"

namespace switchyard {

namespace {

constexpr std::pair<const char*, HitPolicy> kPolicies[] = {{"priority", HitPolicy::kPriority},
                                                           {"first", HitPolicy::kFirst},
                                                           {"unique", HitPolicy::kUnique},
                                                           {"collect", HitPolicy::kCollect}};

HitPolicy parse_hit_policy(const YamlNode& node) {
  for (const auto& [word, policy] : kPolicies) {
    if (node.is_string() && node.text() == word) return policy;
  }
  node.fail("`hit_policy` must be " + join_names(hit_policies(), " or ") + ", not " +
            node.describe());
}

// {keys_of: TABLE or [TABLES], fold: BOOL}
void parse_keys_of(const YamlNode& node, Faults* faults, DeclaredName& declared) {
  require_known_keys(node, keys_of_keys(), "an entry of `values`", faults);
  const YamlNode* tables = node.find("keys_of");
  if (tables == nullptr) node.fail("an entry of `values` without `keys_of`");
  const YamlNode* fold = node.find("fold");
  const bool folded = fold != nullptr && require_bool(*fold, "`fold`");
  const auto add = [&](const YamlNode& table) {
    declared.keys_of.push_back({require_text(table, "`keys_of`"), folded, table.place()});
  };
  if (!tables->is_list()) add(*tables);
  for (const YamlNode& table : tables->items()) attempt(faults, [&] { add(table); });
}

// {description: TEXT, values: [a, b, {keys_of: TABLE}] or {keys_of: TABLE}}, or the description.
void parse_declaration(const YamlNode& node, Faults* faults, DeclaredName& declared) {
  if (!node.is_map()) {
    if (!node.is_null()) declared.description = require_text(node, "a description");
    return;
  }
  require_known_keys(node, declaration_keys(), "the declaration of a name", faults);
  if (const YamlNode* description = node.find("description")) {
    declared.description = require_text(*description, "`description`");
  }
  const YamlNode* values = node.find("values");
  if (values == nullptr) return;
  const auto add = [&](const YamlNode& value) {
    if (value.is_map()) {
      parse_keys_of(value, faults, declared);
    } else {
      declared.values.push_back(value.value());
    }
  };
  if (values->is_map()) {
    add(*values);
  } else {
    require_list(*values, "`values`");
    for (const YamlNode& value : values->items()) attempt(faults, [&] { add(value); });
  }
  declared.is_closed = true;
}

// Names, as a list or as the keys of a map whose values declare them.
std::vector<DeclaredName> parse_names(const YamlNode& node, std::string_view what, Faults* faults) {
  std::vector<DeclaredName> names;
  for (const YamlEntry& entry : node.entries()) {
    DeclaredName declared;
    declared.name = entry.key;
    declared.place = entry.key_place();
    attempt(faults, [&] { parse_declaration(entry.value, faults, declared); });
    names.push_back(std::move(declared));
  }
  if (node.is_map()) return names;
  require_list(node, what);
  for (const YamlNode& item : node.items()) {
    attempt(faults, [&] {
      DeclaredName declared;
      declared.name = require_text(item, "a name");
      declared.place = item.place();
      names.push_back(std::move(declared));
    });
  }
  return names;
}

std::vector<DisjointRules> parse_disjoint(const YamlNode& node) {
  require_list(node, "`disjoint`");
  std::vector<DisjointRules> groups;
  for (const YamlNode& group : node.items()) {
    require_list(group, "an entry of `disjoint`");
    DisjointRules rules;
    rules.node = group;
    for (const YamlNode& id : group.items()) rules.ids.push_back(require_text(id, "a rule's id"));
    if (rules.ids.size() < 2) group.fail("an entry of `disjoint` needs two rules or more");
    groups.push_back(std::move(rules));
  }
  return groups;
}

int parse_priority(const YamlNode& node) {
  const std::int64_t value = require_integer(node, "`priority`");
  constexpr std::int64_t kLimit = std::numeric_limits<int>::max();
  if (value < -kLimit || value > kLimit) node.fail("`priority` is out of range");
  return static_cast<int>(value);
}

Template parse_then(const YamlNode& node, const KnowledgeReader& knowledge, Faults* faults) {
  require_map(node, "`then`");
  Template then = parse_output(node, knowledge, faults);
  if (then.kind == Template::Kind::kMap) return then;
  if (then.kind != Template::Kind::kLiteral || !then.literal.is_map()) {
    node.fail("`then` must name its outputs", "Write then: {OUTPUT: VALUE}");
  }
  return then;
}

void parse_rule(const YamlNode& node, const KnowledgeReader& knowledge, const ReadMode& mode,
                Rule& rule) {
  require_known_keys(node, rule_keys(), "a rule", mode.faults);
  rule.node = node;
  const YamlNode* id = node.find("id");
  if (id == nullptr) node.fail("a rule without `id`", "Give every rule an id of its own");
  rule.id = require_text(*id, "`id`");
  const auto read = [&](const char* key, auto use) {
    const YamlNode* value = node.find(key);
    if (value != nullptr) attempt(mode.faults, [&] { use(*value); });
  };
  read("disabled", [&](const YamlNode& v) { rule.disabled = require_bool(v, "`disabled`"); });
  read("replaces", [&](const YamlNode& v) { rule.replaces = require_bool(v, "`replaces`"); });
  read("priority", [&](const YamlNode& v) { rule.priority = parse_priority(v); });
  read("when", [&](const YamlNode& v) { rule.when = parse_conditions(v, mode); });
  read("source", [&](const YamlNode& v) { rule.source = require_text(v, "`source`"); });
  read("warn", [&](const YamlNode& v) { rule.warnings = parse_warnings(v, mode); });
  read("then", [&](const YamlNode& v) { rule.then = parse_then(v, knowledge, mode.faults); });
  if (node.find("then") == nullptr && !rule.disabled) {
    node.fail("the rule \"" + rule.id + "\" has no `then`", "Add then: {OUTPUT: VALUE}");
  }
}

// A rule with a fault is kept only for its id and for what else is wrong in it.
void add_rule(const YamlNode& node, const KnowledgeReader& knowledge, const ReadMode& mode,
              std::vector<Rule>& rules) {
  const std::size_t before = mode.faults != nullptr ? mode.faults->size() : 0;
  Rule rule;
  attempt(mode.faults, [&] { parse_rule(node, knowledge, mode, rule); });
  if (mode.faults != nullptr && mode.faults->size() != before) {
    mode.faults->name_rule(before, rule.id);
    rule.is_faulty = true;
    if (rule.id.empty()) return;
  }
  rules.push_back(std::move(rule));
}

}  // namespace

const std::vector<std::string>& decision_keys() {
  static const std::vector<std::string> keys{"decision", "description", "hit_policy", "columns",
                                             "outputs",  "disjoint",    "rules"};
  return keys;
}

const std::vector<std::string>& rule_keys() {
  static const std::vector<std::string> keys{"id",   "priority", "when",     "then",       "source",
                                             "warn", "disabled", "replaces", "description"};
  return keys;
}

const std::vector<std::string>& declaration_keys() {
  static const std::vector<std::string> keys{"description", "values"};
  return keys;
}

const std::vector<std::string>& keys_of_keys() {
  static const std::vector<std::string> keys{"keys_of", "fold"};
  return keys;
}

const std::vector<std::string>& hit_policies() {
  static const std::vector<std::string> words = [] {
    std::vector<std::string> all;
    for (const auto& [word, policy] : kPolicies) all.emplace_back(word);
    return all;
  }();
  return words;
}

DecisionDocument parse_decision(const YamlNode& document, const KnowledgeReader& knowledge,
                                const ReadMode& mode) {
  require_known_keys(document, decision_keys(), "a decision table", mode.faults);
  DecisionDocument table;
  table.node = document;
  const YamlNode* name = document.find("decision");
  if (name == nullptr) document.fail("a decision table without `decision`");
  table.name = require_text(*name, "`decision`");
  const auto read = [&](const char* key, auto use) {
    const YamlNode* value = document.find(key);
    if (value != nullptr) attempt(mode.faults, [&] { use(*value); });
  };
  read("hit_policy", [&](const YamlNode& v) { table.hit_policy = parse_hit_policy(v); });
  read("columns",
       [&](const YamlNode& v) { table.columns = parse_names(v, "`columns`", mode.faults); });
  read("outputs",
       [&](const YamlNode& v) { table.outputs = parse_names(v, "`outputs`", mode.faults); });
  read("disjoint", [&](const YamlNode& v) { table.disjoint = parse_disjoint(v); });
  const YamlNode* rules = document.find("rules");
  if (rules == nullptr) document.fail("a decision table without `rules`");
  require_list(*rules, "`rules`");
  table.rules.reserve(rules->items().size());
  for (const YamlNode& rule : rules->items()) add_rule(rule, knowledge, mode, table.rules);
  return table;
}

}  // namespace switchyard
