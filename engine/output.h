// Outputs: the `then` side of a rule, and its warnings, as evaluated. docs/rules.md lists every
// form.
//
// Immutable after parsing; may be evaluated from any number of threads.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/column.h"
#include "engine/condition.h"
#include "engine/yaml.h"

namespace switchyard {

// Where outputs look up rows of knowledge tables.
class KnowledgeReader {
 public:
  virtual ~KnowledgeReader() = default;
  virtual bool has_table(std::string_view table) const = 0;
  // The row's value, or nothing.
  virtual std::optional<Value> row(std::string_view table, std::string_view key) const = 0;
};

// Text with {fact} in it.
struct Format {
  struct Part {
    std::string text;            // stands before the fact
    std::optional<Column> fact;  // nothing: `text` is the end
  };
  std::vector<Part> parts;

  std::string apply(const Facts& facts) const;
};

// A value with references to facts in it.
struct Template {
  enum class Kind { kLiteral, kFact, kFirst, kLookup, kFormat, kList, kMap };

  Kind kind = Kind::kLiteral;
  Value literal;                  // of kLiteral; shared, never copied
  Column column;                  // of kFact, kFirst
  Format format;                  // of kFormat
  std::vector<Template> items;    // of kList, kMap; of kLookup: the key and the default
  std::vector<std::string> keys;  // of kMap
  std::string table;              // of kLookup
  std::vector<Format> field;      // of kLookup: the steps into the row
  YamlNode source;

  Value apply(const Facts& facts, const KnowledgeReader& knowledge) const;
};

// A warning of a rule: said when the rule wins and `when` holds.
struct Warning {
  Conjunction when;
  Format text;
  YamlNode source;  // the text
};

// Throw Error(kUsage) with the place of the fault, or collect the faults and leave out what is
// wrong. The names of the tables that the outputs look up are checked against `knowledge`.
Template parse_output(const YamlNode& node, const KnowledgeReader& knowledge,
                      Faults* faults = nullptr);
Format parse_format(const YamlNode& node);
// The keys of a map with a single key that is computed, of `lookup`, and of an entry of `warn`.
const std::vector<std::string>& output_forms();
const std::vector<std::string>& lookup_keys();
const std::vector<std::string>& warning_keys();
std::vector<Warning> parse_warnings(const YamlNode& node, const ReadMode& mode);

}  // namespace switchyard
