// RuleBook: all decision tables, knowledge tables and recipe sources in force, compiled once.
//
//   auto book = RuleBook::load({.overlays = {"my-rules"}});
//   Facts facts;
//   facts.set("model_type", "bert");
//   if (auto outcome = book->decide("task", facts)) use(outcome->get("task"));
//
// Three layers make it: the rules compiled into the program (or a directory that stands in for
// them), then overlay directories in order. docs/rules.md describes the files; examples/engine is a
// program that decides by rules of its own, which have nothing to do with models.
//
// Stable. Other programs include this header, error.h, facts.h, value.h, json.h, live_rules.h,
// rule_check.h and problem.h (installed with the package `switchyard`, target switchyard::engine).
// While the version is 0.x, what these declare changes only with its second number, and the package
// and the library's soname say so; from 1.0 on, with its first. Within a version names, parameters
// and the meaning of rule files stay; struct members may be added at the end, so initialize by name.
// What is said to be for the engine's own tools (Faults, RuleCatalog) is not stable, nor are digests
// from one version to the next.
//
// Threads. A rule book never changes after loading: any number of threads may call any of its
// functions without locks. So may they copy and read Values and const Facts. A Facts, Outcome or
// Explanation that is being changed belongs to one thread. To exchange rules while others decide by
// them, see live_rules.h.
//
// Ownership. load() gives a shared pointer; the views in RuleRef and in Row::key, and the references
// of keys(), live as long as the book. Values own what they hold, so outputs may outlive it. Facts
// are only read, during the call.
//
// Errors. Everything that a person must mend is an Error (error.h) with file, line, column and mend;
// what each function throws stands beside it. std::bad_alloc may come from anywhere; nothing else is
// thrown. A function that throws has changed nothing.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.h"
#include "engine/facts.h"
#include "engine/value.h"

namespace switchyard {

class Faults;
class RuleCatalog;

// Where a decision came from. Views live as long as the RuleBook.
struct RuleRef {
  std::string_view id;
  std::string_view source;  // the provenance word shown to users; empty when the rule has none
  Place place() const { return {std::string(file), line, column}; }
  std::string_view file;
  int line = 0;
  int column = 0;
};

// What a decision table said.
struct Outcome {
  Value outputs;  // a map: the rule's `then`, references to facts resolved
  RuleRef rule;
  std::vector<std::string> warnings;

  // An output, or null when the rule does not give it.
  const Value* get(std::string_view output) const { return outputs.find(output); }
};

// How one rule fared when a table was asked. One that neither won nor failed held, but was outranked.
struct Considered {
  RuleRef rule;
  int priority = 0;
  bool held = false;
  bool won = false;                 // under `collect` every rule that holds wins
  std::size_t conditions = 0;       // entries of its `when`
  std::size_t conditions_held = 0;  // of these

  // The first condition that failed; empty when all held.
  std::string failed_condition;  // "architectures: absent (is [\"BertModel\"])"
  std::string failed_column;     // "architectures"; or any, all, not
  Place failed_place;
};

// A fact that was looked at.
struct FactRead {
  std::string path;            // "config.hidden_act"
  std::optional<Value> value;  // nothing: it is not set
};

// Why a table answered as it did. Made only on request; costs nothing otherwise. Views in it live as
// long as the RuleBook.
struct Explanation {
  std::vector<Considered> rules;  // every rule of the table, best first
  // What the conditions read, up to the first of each rule that failed, and what the outputs and
  // warnings of the winners read. Each once.
  std::vector<FactRead> facts;
};

// A row of a knowledge table.
struct Row {
  std::string_view key;
  Value value;
  Place place;
};

struct RuleBookOptions {
  // Laid over the base in order, later ones winning. Each must be a directory with .yaml files.
  std::vector<std::filesystem::path> overlays;
  // In place of the embedded rules (`--rules-only`).
  std::optional<std::filesystem::path> base;
};

class RuleBook {
 public:
  // Throws Error(kUsage) naming file:line:column of the first fault of an overlay or base.
  static std::shared_ptr<const RuleBook> load(const RuleBookOptions& options = {});
  // From texts in memory (file name, content); for tests and for other programs. No embedded base.
  static std::shared_ptr<const RuleBook> from_texts(
      const std::vector<std::pair<std::string, std::string>>& files);
  // As load(), but what is wrong is collected and left out, so that the rest can be looked at
  // (`rules check`). Throws only when a directory can't be read.
  static std::shared_ptr<const RuleBook> load(const RuleBookOptions& options, Faults& faults);
  static std::shared_ptr<const RuleBook> from_texts(
      const std::vector<std::vector<std::pair<std::string, std::string>>>& layers, Faults& faults);
  ~RuleBook();

  // The winning rule under the table's hit policy, or nothing when no rule holds. `explanation` is
  // overwritten, also when `unique` throws.
  // Throws Error(kUsage) when there is no such table, or when `unique` finds two.
  std::optional<Outcome> decide(std::string_view decision, const Facts& facts,
                                Explanation* explanation = nullptr) const;
  // All rules that hold, highest priority first (hit policy `collect`).
  std::vector<Outcome> collect(std::string_view decision, const Facts& facts,
                               Explanation* explanation = nullptr) const;

  bool has_decision(std::string_view decision) const;
  // Whether the table's hit policy is `collect`. Throws Error(kUsage) when there is no such table.
  bool collects(std::string_view decision) const;
  std::vector<std::string_view> decisions() const;

  // A row of a knowledge table; nothing when the key is not there. Throws Error(kUsage) when there
  // is no such table. A table may declare `keys: fold` (case and -/_ don't matter).
  std::optional<Row> lookup(std::string_view table, std::string_view key) const;
  bool has_knowledge(std::string_view table) const;
  // All keys, in the order of the file (for listing, nearest-name suggestions and checks). Lives as
  // long as the RuleBook. Throws Error(kUsage) when there is no such table.
  const std::vector<std::string>& keys(std::string_view table) const;

  // Text of a recipe or a block library (`recipe: NAME` / `blocks_library: NAME`) and the file it
  // is from.
  struct Source {
    std::string text;
    std::string file;
  };
  std::optional<Source> recipe(std::string_view name) const;
  std::optional<Source> block_library(std::string_view name) const;
  std::vector<std::string> recipes() const;

  // Hex SHA-256 over everything in force; equal digests mean equal outcomes.
  std::string digest() const;

  // The compiled tables, for the engine's own tools.
  const RuleCatalog& catalog() const { return *catalog_; }

 private:
  explicit RuleBook(std::unique_ptr<RuleCatalog> catalog);

  std::unique_ptr<const RuleCatalog> catalog_;
};

}  // namespace switchyard
