// Runs a recipe: evaluates expressions, calls blocks and ONNX operators, and so builds the graph.
//
// Evaluation always ends: steps, call depth, lengths of lists and of text are limited, and passing
// a limit is an error at the place where it happened. Not thread-safe; one per export.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "stages/export/graph/builder.h"
#include "stages/export/graph/item.h"
#include "stages/export/graph/subscript.h"
#include "stages/export/recipe/recipe.h"
#include "stages/export/weights/names.h"
#include "stages/export/weights/weight_use.h"

namespace switchyard::recipe {

// submodel(CONFIG, HEAD, name=...): a model inside this one, made by its own recipe.
struct SubmodelCall {
  Value config;  // a map
  std::string head;
  std::vector<std::pair<std::string, graph::Item>> inputs;
  std::string scope;       // of its tensors, as the caller's recipe names them
  std::string node_scope;  // of its nodes
  Spot spot;
};
// Gives the map of the head's outputs. Throws Error.
using SubmodelRunner = std::function<graph::Item(const SubmodelCall&)>;

class Evaluator {
 public:
  // All must outlive the evaluator.
  Evaluator(const Recipe& recipe, graph::Builder& builder, const WeightNames& weights);

  // What every block sees: config, variant, task, options, `let` names.
  void set_global(const std::string& name, graph::Item value);
  // A variable of the graph (an input).
  void set_variable(const std::string& name, graph::Item value);
  // Null when the graph has set none of that name.
  const graph::Item* variable(const std::string& name) const;

  // For a model inside another: the scope in which its tensors lie, for messages, and its nodes'.
  void set_outer_scope(std::string scope, std::string node_scope);
  // Who runs submodels; without one there are none.
  void set_submodels(SubmodelRunner runner) { submodels_ = std::move(runner); }

  // In the graph's own scope and variables. Throw Error.
  void run(const Statements& statements);
  graph::Item evaluate(const Expr& expr);

  // Every tensor that $name asked for, each name once, in order.
  const std::vector<WeightUse>& uses() const { return uses_; }
  // For a report: a tensor that the recipe needs and the checkpoint lacks gets the type that `guess`
  // says, and the evaluation goes on. The graph is of no use afterwards.
  void go_on_without(std::function<graph::TensorType(const std::string& name)> guess) {
    guess_ = std::move(guess);
  }
  const std::vector<std::string>& warnings() const { return warnings_; }

  // For built-ins.
  [[noreturn]] void fail(const Spot& spot, std::string what, std::string mend = {},
                         ErrorKind kind = ErrorKind::kUsage) const;
  // Counts work; throws when the recipe does too much.
  void spend(std::size_t steps, const Spot& spot);
  void warn(std::string text) { warnings_.push_back(std::move(text)); }
  graph::Builder& builder() { return builder_; }
  // Throws unless the item is plain or symbolic and can be a truth value.
  bool truth(const graph::Item& item, const Spot& spot) const;
  bool equal(const graph::Item& a, const graph::Item& b, const Spot& spot) const;
  bool less(const graph::Item& a, const graph::Item& b, const Spot& spot) const;
  // a OP b for "+", "-", "*", "/", "//", "%", "**": numbers, symbols, text, lists, tensors.
  graph::Item arithmetic(const std::string& op, const graph::Item& a, const graph::Item& b,
                         const Spot& spot);

 private:
  struct Frame {
    std::vector<std::pair<std::string, graph::Item>> variables;
  };
  class ScopeGuard;

  std::optional<graph::Item> run_list(const Statements& statements);
  std::optional<graph::Item> run_one(const Statement& statement);
  std::optional<graph::Item> run_for(const Statement& statement);
  void assign(const std::vector<std::string>& targets, const graph::Item& value, const Spot& spot);
  void set_local(const std::string& name, graph::Item value);
  const graph::Item* lookup(const std::string& name) const;

  graph::Item eval(const Expr& expr, std::size_t wanted = 0);
  // Null where a key, an index or a name's value is missing: the left side of `??`.
  graph::Item eval_or_null(const Expr& expr);
  graph::Item eval_name(const Expr& expr);
  graph::Item eval_weight(const Expr& expr);
  graph::Item eval_member(const Expr& expr, const graph::Item& base, bool soft);
  graph::Item eval_index(const Expr& expr, const graph::Item& base, bool soft);
  graph::Item index_tensor(const Expr& expr, const graph::Item& base);
  graph::Item slice_list(const Expr& slice, const graph::Item& base);
  graph::Item eval_unary(const Expr& expr);
  graph::Item eval_binary(const Expr& expr);
  graph::Item eval_comprehension(const Expr& expr);
  graph::Item eval_map(const Expr& expr);
  graph::Item eval_call(const Expr& expr, std::size_t wanted);
  graph::Item eval_exists(const Expr& expr);
  graph::Item call_block(const Block& block, const Expr& expr);
  graph::Item call_submodel(const Expr& expr);
  graph::Item call_op(const std::string& name, const Expr& expr, std::size_t wanted);
  graph::Item tensor_arithmetic(const std::string& op, const graph::Item& a, const graph::Item& b,
                                const Spot& spot);
  std::optional<graph::Dim> eval_dim(const Expr* expr);

  // Runs a step of the graph builder; sizes beyond 64 bits become an error at `spot`.
  template <typename F>
  auto building(const Spot& spot, F&& step) {
    try {
      return step();
    } catch (const std::overflow_error&) {
      fail(spot, "the sizes of this tensor go beyond 64 bits");
    } catch (const std::domain_error&) {
      fail(spot, "a size is divided by zero");
    }
  }

  std::string expand(const Template& path);
  std::string weight_name(const std::string& path) const;
  const std::string& node_scope();

  const Recipe& recipe_;
  graph::Builder& builder_;
  const WeightNames& weights_;
  std::vector<std::pair<std::string, graph::Item>> globals_;
  std::vector<Frame> frames_;
  std::string scope_;  // dotted, as tensors are named
  std::string outer_scope_;
  std::string outer_node_scope_;
  std::string node_scope_;
  bool node_scope_known_ = false;
  std::size_t steps_ = 0;
  int depth_ = 0;
  // Where the recipe called the block of a library that is being run: that is where a reader looks.
  const Spot* library_call_ = nullptr;
  std::vector<WeightUse> uses_;
  std::set<std::string> used_names_;
  std::function<graph::TensorType(const std::string&)> guess_;
  SubmodelRunner submodels_;
  std::vector<std::string> warnings_;
};

}  // namespace switchyard::recipe
