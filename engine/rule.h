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
  YamlNode node;

  RuleRef ref() const { return {id, source, node.file(), node.line(), node.column()}; }
};

// A document with the top-level key `decision`.
struct DecisionDocument {
  std::string name;
  std::optional<HitPolicy> hit_policy;
  std::vector<std::string> columns;  // declared; empty: any
  std::vector<std::string> outputs;  // declared; empty: any
  std::vector<Rule> rules;
  YamlNode node;
};

// `check_patterns`: compile regular expressions now, so that wrong ones are errors here. Throws
// Error(kUsage) with the place of the first fault.
DecisionDocument parse_decision(const YamlNode& document, const KnowledgeReader& knowledge,
                                bool check_patterns);

}  // namespace switchyard
