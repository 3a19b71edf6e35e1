// One rule of a decision table, and the documents that rules are written in.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/condition.h"
#include "engine/output.h"
#include "engine/rule_book.h"
#include "engine/yaml.h"

namespace switchyard {

// Which of the rules that hold wins.
enum class HitPolicy {
  kPriority,  // the one with the highest priority
  kFirst,     // the first in the file
  kUnique,    // the only one; two are an error
  kCollect,   // all of them
};

struct Rule {
  std::string id;
  int priority = 0;
  Conjunction when;
  Template then;  // a map
  std::string source;
  std::vector<Warning> warnings;
  bool disabled = false;
  bool replaces = false;   // an earlier layer must have a rule of this id
  bool is_faulty = false;  // something in it could not be read, and was collected
  std::size_t layer = 0;   // that defines it, 0 the base; known once layers are merged
  YamlNode node;

  RuleRef ref() const { return {id, source, node.file(), node.line(), node.column()}; }
};

// The keys of a knowledge table, as they are or in the form in which case and -/_ don't matter.
struct KeysOf {
  std::string table;  // need not be there to decide; `rules check` asks for it
  bool folded = false;
  Place place;
};

// A column or output as a table declares it, with what it may say (DMN: a clause with its allowed
// values). Null, and what is not set, is always allowed.
struct DeclaredName {
  std::string name;
  std::string description;
  List values;                  // allowed beside the keys
  std::vector<KeysOf> keys_of;  // of knowledge tables
  bool is_closed = false;       // only those; otherwise anything goes
  Place place;
};

// Rules that the author says never hold together, whatever their conditions look like.
struct DisjointRules {
  std::vector<std::string> ids;
  YamlNode node;
};

// A document with the top-level key `decision`.
struct DecisionDocument {
  std::string name;
  std::optional<HitPolicy> hit_policy;
  std::vector<DeclaredName> columns;  // none: any
  std::vector<DeclaredName> outputs;  // none: any
  std::vector<DisjointRules> disjoint;
  std::vector<Rule> rules;
  YamlNode node;
};

// The keys of a decision document and of a rule, in the order in which they are written.
const std::vector<std::string>& decision_keys();
const std::vector<std::string>& rule_keys();
// Of the declaration of a column or output, and of {keys_of: TABLE} in it.
const std::vector<std::string>& declaration_keys();
const std::vector<std::string>& keys_of_keys();
const std::vector<std::string>& hit_policies();

// Throws Error(kUsage) with the place of the first fault, or collects the faults and leaves out
// the rules that have one.
DecisionDocument parse_decision(const YamlNode& document, const KnowledgeReader& knowledge,
                                const ReadMode& mode);

}  // namespace switchyard
