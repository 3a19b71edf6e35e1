#include "stages/build/rules_read.h"

#include <set>

#include "engine/digest.h"
#include "engine/rule_listing.h"
#include "engine/yaml.h"

namespace switchyard {
namespace {

constexpr const char* kDecisions[] = {"weights"};
constexpr const char* kTables[] = {"image_processors"};

// The source and every block library that it, or one of those, uses.
void add_source(const RuleBook& rules, const RuleBook::Source& source,
                std::set<std::string>& libraries, Sha256& digest) {
  digest.add_field(source.text);
  const YamlNode root = parse_yaml(source.text, source.file);
  const YamlNode* use = root.find("use");
  if (use == nullptr) return;
  for (const YamlNode& name : use->items()) {
    if (!libraries.insert(name.text()).second) continue;
    if (const auto library = rules.block_library(name.text())) {
      add_source(rules, *library, libraries, digest);
    }
  }
}

std::string recipe_digest(const RuleBook& rules, const RuleBook::Source& source) {
  Sha256 digest;
  std::set<std::string> libraries;
  add_source(rules, source, libraries, digest);
  return digest.hex();
}

std::string decision_digest(const RuleBook& rules, const char* name) {
  Sha256 digest;
  for (const ListedRule& rule : list_decision(rules, name).rules) {
    if (!rule.is_disabled) digest.add_field(rule.value.to_json());
  }
  return digest.hex();
}

std::string table_digest(const RuleBook& rules, const char* name) {
  Sha256 digest;
  for (const ListedRow& row : list_table(rules, name).rows) {
    digest.add_field(row.key);
    digest.add_field(row.value.to_json());
  }
  return digest.hex();
}

}  // namespace

Map rules_read(const RuleBook& rules, const std::optional<std::string>& recipe) {
  Map read;
  if (const auto source = recipe ? rules.recipe(*recipe) : std::nullopt) {
    read.set("recipe " + *recipe, recipe_digest(rules, *source));
  }
  for (const char* name : kDecisions) {
    if (rules.has_decision(name)) {
      read.set(std::string("decision ") + name, decision_digest(rules, name));
    }
  }
  for (const char* name : kTables) {
    if (rules.has_knowledge(name))
      read.set(std::string("table ") + name, table_digest(rules, name));
  }
  return read;
}

}  // namespace switchyard
