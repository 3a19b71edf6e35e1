// A graph recipe as read from YAML (docs/recipes.md), with the block libraries it uses.
//
// Reading checks the structure and every expression of the recipe itself; the blocks of libraries
// are parsed when they are first called, so that an export pays only for what it uses. A Recipe
// belongs to one export: it is not thread-safe.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "engine/value.h"
#include "engine/yaml.h"
#include "stages/export/recipe/ast.h"

namespace switchyard {
class Faults;
}

namespace switchyard::recipe {

class Block {
 public:
  Block(std::string name, std::vector<Parameter> parameters, YamlNode body, Spot spot,
        bool library);

  const std::string& name() const { return name_; }
  const std::vector<Parameter>& parameters() const { return parameters_; }
  const Spot& spot() const { return spot_; }
  // From a library: an error inside is shown at the place that called it.
  bool from_library() const { return library_; }
  // Parsed on the first call. Throws Error(kUsage).
  const Statements& statements() const;
  // The same ahead of the first call, collecting what is wrong with its statements.
  void parse(Faults* faults) const;

 private:
  std::string name_;
  std::vector<Parameter> parameters_;
  YamlNode body_;
  Spot spot_;
  bool library_;
  mutable std::optional<Statements> parsed_;
};

struct NamedExpr {
  std::string name;
  Spot spot;
  ExprPtr value;
};

struct Input {
  std::string name;
  Spot spot;
  std::string dtype;
  // A list of integers and axis names. Bare names that mean nothing else are axis names: the loader
  // has turned them into strings.
  ExprPtr dims;
  ExprPtr when;  // null: always
};

struct Variants {
  ExprPtr key;
  Value defaults;  // a map
  struct Row {
    std::string like;
    Value values;
    Spot spot;
  };
  std::map<std::string, Row> rows;
};

struct Ignored {
  std::string pattern;  // `*` stands for any text
  ExprPtr when;         // null: always
  Spot spot;
};

struct Head {
  std::string task;
  Spot spot;
  Statements statements;
  std::vector<NamedExpr> outputs;
  Value axes;  // output name -> {dimension index: axis name}, or null
  std::vector<Ignored> ignore;
};

// A graph of its own beside the whole: an encoder, a decoder. Its statements take the trunk's place,
// and its head bears the part's name.
struct Part {
  std::vector<Input> inputs;
  Head head;
};

struct Recipe {
  std::string name;
  std::string file;
  Spot spot;
  std::string prefix;  // the base model's scope, present in some checkpoints and absent in others
  std::vector<Input> inputs;
  std::optional<Variants> variants;
  std::vector<NamedExpr> lets;
  std::map<std::string, Block, std::less<>> blocks;
  Statements graph;
  std::vector<Head> heads;
  std::vector<Part> parts;
  std::vector<Ignored> ignore;
  // Both own the file names that Spots point to.
  std::vector<YamlNode> documents;
  std::shared_ptr<std::deque<std::string>> files = std::make_shared<std::deque<std::string>>();

  const Head* head(std::string_view task) const;
  const Part* part(std::string_view name) const;
};

// The keys of a recipe, a block library, and of an input, the variants, a head and a part in a recipe.
const std::vector<std::string>& recipe_keys();
const std::vector<std::string>& library_keys();
const std::vector<std::string>& input_keys();
const std::vector<std::string>& variants_keys();
const std::vector<std::string>& head_keys();
const std::vector<std::string>& part_keys();

// Throws Error(kModel) when the book has no such recipe, Error(kUsage) with its place for a fault.
Recipe load_recipe(const RuleBook& rules, const std::string& name);

// A recipe that need not be in force; `rules` gives the libraries it uses. With `faults`, what is
// wrong is collected there and left out of the result (an expression that can't be read is null);
// without, the first fault is thrown.
Recipe read_recipe(const RuleBook& rules, const RuleBook::Source& source, Faults* faults);
// A block library as if it were a recipe of nothing but blocks: its own are not from_library().
Recipe read_library(const RuleBook& rules, const RuleBook::Source& source, Faults* faults);

}  // namespace switchyard::recipe
