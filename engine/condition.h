// Conditions: the `when` side of a rule, as evaluated. docs/rules.md lists every form.
//
// Conditions are immutable after parsing and may be evaluated from any number of threads.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "engine/column.h"
#include "engine/faults.h"
#include "engine/value_hash.h"
#include "engine/yaml.h"

namespace switchyard {

class Pattern;  // a regular expression (RE2)

// What is asked of one value. A value that is not set counts as null.
struct Test {
  enum class Op {
    kEqual,
    kNotEqual,
    kIn,
    kAbsent,
    kPresent,
    kIEquals,
    kFoldsTo,
    kMatches,
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual,
    kLongerThan,
    kShorterThan,
    kContains,
    kStartsWith,
    kEndsWith,
    kSome,
    kNot,
    kAny,
    kAll,
  };

  Op op = Op::kAll;
  Value operand;
  std::optional<Column> operand_fact;            // in place of `operand`: the value of another fact
  std::unordered_set<Value, ValueHash> members;  // of kIn, unless operand_fact
  std::shared_ptr<const Pattern> pattern;        // of kMatches
  std::vector<Test> parts;                       // of kSome, kNot, kAny, kAll

  bool holds(const Value* value, const Facts& facts) const;
};

struct Clause;
using Conjunction = std::vector<Clause>;  // holds when all of its clauses hold

bool holds(const Conjunction& conditions, const Facts& facts);

// One entry of `when`: a column's test, or a combinator.
struct Clause {
  enum class Kind { kColumn, kAny, kAll, kNot };

  Kind kind = Kind::kColumn;
  Column column;                      // of kColumn
  Test test;                          // of kColumn
  std::vector<Conjunction> branches;  // of the combinators
  std::string name;                   // as written: the column's path, or any, all, not
  YamlNode source;                    // what it was read from, for explanations
  int key_line = 0;                   // of the name, in the file of `source`
  int key_column = 0;

  Place key_place() const { return {source.file(), key_line, key_column}; }

  bool holds(const Facts& facts) const;
  // "architectures: absent (is [\"BertModel\"])", for a clause that failed.
  std::string explain(const Facts& facts) const;
};

// Reads a `when` map. Throws Error(kUsage) with the place of the fault, or collects the faults and
// leaves out what is wrong.
Conjunction parse_conditions(const YamlNode& when, const ReadMode& mode);

// The operators that a map of conditions may have, in the order in which they are explained.
const std::vector<std::string>& condition_operators();

// Null, an empty string, list or map.
bool is_absent(const Value* value);

}  // namespace switchyard
