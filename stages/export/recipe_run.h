// One evaluation of a recipe: its globals, its trunk and a head (or a part), on the tensors of a
// checkpoint or of the model inside one. What a recipe runs by submodel() is a run of its own,
// which its caller owns.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "engine/value.h"
#include "stages/export/graph/builder.h"
#include "stages/export/graph/item.h"
#include "stages/export/recipe/evaluator.h"
#include "stages/export/recipe/recipe.h"
#include "stages/export/weights/account.h"
#include "stages/export/weights/names.h"
#include "stages/export/weights/tensor_list.h"

namespace switchyard {

struct RunRequest {
  std::string recipe;
  std::string task;
  std::string shown_task;  // preferred where the recipe has a head of that name (GraphRequest)
  std::string part;        // of the recipe; empty: the whole
  Value config;
  Value options;  // a map
};

// Where a submodel lies in its caller; empty for a whole model.
struct RunPlace {
  std::string scope;       // dotted, as tensors are named: "decoder"
  std::string node_scope;  // "/decoder"
  int depth = 0;           // of submodels in submodels
};

// A tensor that the recipe asked for and the checkpoint lacks, by its whole name.
struct MissingTensor {
  std::string name;
  recipe::Spot spot;
  bool optional = false;
  std::string nearest;  // "Nearest there: ..."; empty when optional
};

class RecipeRun {
 public:
  using Evaluator = recipe::Evaluator;

  // Loads the recipe and decides how the tensors fit it. `rules`, `builder` and what `tensors` point
  // to must outlive the run. Throws Error(kModel): no such recipe, head or part.
  RecipeRun(const RuleBook& rules, RunRequest request, const TensorList& tensors,
            graph::Builder& builder, RunPlace place = {});
  RecipeRun(const RecipeRun&) = delete;
  RecipeRun& operator=(const RecipeRun&) = delete;

  const recipe::Recipe& recipe() const { return recipe_; }
  const recipe::Head& head() const { return head_; }
  const std::vector<recipe::Input>& inputs() const;
  Evaluator& evaluator() { return evaluator_; }

  // In this order; each throws Error. `prepare` sets config, task, options, variant and `let` names.
  void prepare();
  // Whether the model has the input at all (its `when`).
  bool has_input(const recipe::Input& input);
  void set_input(const recipe::Input& input, graph::Item value);
  // Trunk and head, or the part.
  void run();
  // Afterwards: what the head's outputs are, null for optional ones that this model lacks.
  struct Output {
    const recipe::NamedExpr* declared;
    graph::Item value;
  };
  const std::vector<Output>& outputs() const { return outputs_; }

  // For a report: missing tensors are stood in for by guesses, in submodels, too.
  void go_on_without_tensors();
  std::vector<MissingTensor> missing() const;

  // What became of each tensor, submodels' included. `complete`: the run came to its end.
  // `others` names what other runs on the same checkpoint took, by whom ("part decoder").
  std::vector<TensorFate> account(const graph::Graph& graph, bool complete,
                                  const TensorOwners& others = {});
  // The tensors that this run and its submodels asked for.
  void add_asked(const std::string& owner, TensorOwners& owners) const;
  // Of this run and its submodels.
  std::vector<std::string> warnings() const;

 private:
  const recipe::Head& find_head() const;
  void run_head();
  Facts facts() const;
  graph::Item run_submodel(const recipe::SubmodelCall& call);
  graph::TensorType guess_type(const std::string& name) const;

  const RuleBook& rules_;
  const RunRequest request_;
  const RunPlace place_;
  const recipe::Recipe recipe_;
  const recipe::Head& head_;
  const WeightNames names_;
  graph::Builder& builder_;
  Evaluator evaluator_;
  std::vector<Output> outputs_;
  bool lenient_ = false;
  std::vector<std::unique_ptr<RecipeRun>> submodels_;
};

}  // namespace switchyard
