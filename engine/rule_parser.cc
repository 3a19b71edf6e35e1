// parse_decision: from YAML to the rules of a decision table.
#include <limits>
#include <unordered_map>

#include "engine/rule.h"
#include "engine/text.h"
#include "engine/yaml_check.h"

namespace switchyard {

namespace {

HitPolicy parse_hit_policy(const YamlNode& node) {
  const struct {
    const char* word;
    HitPolicy policy;
  } kPolicies[] = {{"priority", HitPolicy::kPriority},
                   {"first", HitPolicy::kFirst},
                   {"unique", HitPolicy::kUnique},
                   {"collect", HitPolicy::kCollect}};
  for (const auto& [word, policy] : kPolicies) {
    if (node.is_string() && node.text() == word) return policy;
  }
  node.fail("`hit_policy` must be priority, first, unique or collect, not " + node.describe());
}

// Names, as a list or as the keys of a map whose values describe them.
std::vector<std::string> parse_names(const YamlNode& node, std::string_view what) {
  std::vector<std::string> names;
  if (node.is_map()) {
    for (const YamlEntry& entry : node.entries()) names.push_back(entry.key);
    return names;
  }
  require_list(node, what);
  for (const YamlNode& item : node.items()) names.push_back(require_text(item, "a name"));
  return names;
}

Rule parse_rule(const YamlNode& node, const KnowledgeReader& knowledge, bool check_patterns) {
  require_known_keys(
      node, {"id", "priority", "when", "then", "source", "warn", "disabled", "description"},
      "a rule");
  Rule rule;
  rule.node = node;
  const YamlNode* id = node.find("id");
  if (id == nullptr) node.fail("a rule without `id`", "Give every rule an id of its own");
  rule.id = require_text(*id, "`id`");
  if (const YamlNode* disabled = node.find("disabled")) {
    rule.disabled = require_bool(*disabled, "`disabled`");
  }
  if (const YamlNode* priority = node.find("priority")) {
    const std::int64_t value = require_integer(*priority, "`priority`");
    constexpr std::int64_t kLimit = std::numeric_limits<int>::max();
    if (value < -kLimit || value > kLimit) priority->fail("`priority` is out of range");
    rule.priority = static_cast<int>(value);
  }
  if (const YamlNode* when = node.find("when")) {
    rule.when = parse_conditions(*when, check_patterns);
  }
  if (const YamlNode* source = node.find("source")) rule.source = require_text(*source, "`source`");
  if (const YamlNode* warn = node.find("warn")) {
    rule.warnings = parse_warnings(*warn, check_patterns);
  }
  if (const YamlNode* then = node.find("then")) {
    require_map(*then, "`then`");
    rule.then = parse_output(*then, knowledge);
    const Template::Kind kind = rule.then.kind;
    if (kind != Template::Kind::kMap &&
        (kind != Template::Kind::kLiteral || !rule.then.literal.is_map())) {
      then->fail("`then` must name its outputs", "Write then: {OUTPUT: VALUE}");
    }
  } else if (!rule.disabled) {
    node.fail("the rule \"" + rule.id + "\" has no `then`", "Add then: {OUTPUT: VALUE}");
  }
  return rule;
}

}  // namespace

DecisionDocument parse_decision(const YamlNode& document, const KnowledgeReader& knowledge,
                                bool check_patterns) {
  require_known_keys(document,
                     {"decision", "description", "hit_policy", "columns", "outputs", "rules"},
                     "a decision table");
  DecisionDocument table;
  table.node = document;
  table.name = require_text(*document.find("decision"), "`decision`");
  if (const YamlNode* policy = document.find("hit_policy")) {
    table.hit_policy = parse_hit_policy(*policy);
  }
  if (const YamlNode* columns = document.find("columns")) {
    table.columns = parse_names(*columns, "`columns`");
  }
  if (const YamlNode* outputs = document.find("outputs")) {
    table.outputs = parse_names(*outputs, "`outputs`");
  }
  const YamlNode* rules = document.find("rules");
  if (rules == nullptr) document.fail("a decision table without `rules`");
  require_list(*rules, "`rules`");
  table.rules.reserve(rules->items().size());
  for (const YamlNode& rule : rules->items()) {
    table.rules.push_back(parse_rule(rule, knowledge, check_patterns));
  }
  return table;
}

}  // namespace switchyard
