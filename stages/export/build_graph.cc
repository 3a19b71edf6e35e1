#include "stages/export/build_graph.h"

#include <algorithm>

#include "engine/text.h"
#include "stages/export/graph_axes.h"
#include "stages/export/graph/builder.h"
#include "stages/export/graph/fold.h"
#include "stages/export/graph/prune.h"
#include "stages/export/recipe/evaluator.h"
#include "stages/export/recipe/recipe.h"
#include "stages/export/weights/account.h"
#include "stages/export/weights/names.h"

namespace switchyard {
namespace {

using graph::Item;
using recipe::Evaluator;
using recipe::Head;
using recipe::Recipe;

constexpr int kMaxLikes = 20;

// The row of `variants` for this model, with the rows it is like and the defaults beneath.
Item variant_of(const Recipe& recipe, Evaluator& evaluator) {
  if (!recipe.variants) return Value(Map());
  const recipe::Variants& variants = *recipe.variants;
  const Item key = evaluator.evaluate(*variants.key);
  const std::string name = key.is_string() ? key.as_string() : key.text();
  auto row = variants.rows.find(name);
  if (row == variants.rows.end()) {
    std::vector<std::string> names;
    for (const auto& [known, values] : variants.rows) names.push_back(known);
    throw Error(ErrorKind::kModel, variants.key->spot.place(),
                "recipe '" + recipe.name + "' has no variant '" + name + "'",
                did_you_mean(name, names).empty() ? "Add a row to the recipe's 'variants'"
                                                  : did_you_mean(name, names));
  }
  std::vector<const recipe::Variants::Row*> chain;
  for (;;) {
    chain.push_back(&row->second);
    if (row->second.like.empty()) break;
    if (chain.size() > kMaxLikes) {
      throw Error(ErrorKind::kUsage, row->second.spot.place(),
                  "rows of 'variants' are like each other in a circle");
    }
    row = variants.rows.find(row->second.like);
  }
  Map merged;
  if (variants.defaults.is_map()) merged = variants.defaults.as_map();
  for (auto link = chain.rbegin(); link != chain.rend(); ++link) {
    for (const auto& [field, value] : (*link)->values.as_map()) {
      if (field != "like") merged.set(field, value);
    }
  }
  merged.set("name", Value(name));
  return Value(std::move(merged));
}

class GraphMaker {
 public:
  GraphMaker(const RuleBook& rules, const GraphRequest& request, const Weights& weights)
      : request_(request),
        recipe_(recipe::load_recipe(rules, request.recipe)),
        head_(find_head()),
        names_(rules, weights, facts(), recipe_.prefix),
        weights_(weights),
        evaluator_(recipe_, builder_, names_),
        axes_(request) {}

  BuiltGraph run() {
    evaluator_.set_global("config", request_.config);
    evaluator_.set_global("task", Value(head_.task));
    evaluator_.set_global("options", request_.options.is_null() ? Value(Map()) : request_.options);
    evaluator_.set_global("variant", variant_of(recipe_, evaluator_));
    for (const recipe::NamedExpr& let : recipe_.lets)
      evaluator_.set_global(let.name, evaluator_.evaluate(*let.value));
    for (const recipe::Input& input : recipe_.inputs) add_input(input);
    axes_.finish(notes_);
    evaluator_.run(recipe_.graph);
    run_head();
    BuiltGraph result;
    result.graph = builder_.take();
    result.graph.name = recipe_.name;
    graph::prune(result.graph);
    result.ignored = account_for_tensors(
        {recipe_, head_, names_, weights_, result.graph}, [this](const recipe::Expr& expr) {
          return evaluator_.truth(evaluator_.evaluate(expr), expr.spot);
        });
    graph::fold_constants(result.graph);
    result.recipe_file = recipe_.file;
    result.notes = std::move(notes_);
    result.warnings = evaluator_.warnings();
    return result;
  }

 private:
  Facts facts() const {
    Facts facts;
    facts.set("task", Value(head_.task));
    facts.set("recipe", Value(request_.recipe));
    facts.set("config", request_.config);
    return facts;
  }

  const Head& find_head() const {
    if (const Head* head = recipe_.head(request_.shown_task)) return *head;
    if (const Head* head = recipe_.head(request_.task)) return *head;
    std::vector<std::string> tasks;
    for (const Head& head : recipe_.heads) tasks.push_back(head.task);
    throw Error(ErrorKind::kModel, {recipe_.file},
                "recipe '" + recipe_.name + "' has no head for the task '" + request_.task + "'",
                "It has " + join_names(tasks));
  }

  void add_input(const recipe::Input& input) {
    if (input.when && !evaluator_.truth(evaluator_.evaluate(*input.when), input.when->spot)) {
      evaluator_.set_variable(input.name, Item());
      return;
    }
    graph::TensorType type;
    const auto elem = graph::elem_from_name(input.dtype);
    if (!elem) {
      throw Error(ErrorKind::kUsage, input.spot.place(),
                  "input '" + input.name + "' has the unknown dtype '" + input.dtype + "'",
                  "float32, int64, bool ...");
    }
    type.elem = *elem;
    type.ranked = true;
    const Item dims = evaluator_.evaluate(*input.dims);
    if (!dims.is_list()) {
      throw Error(ErrorKind::kUsage, input.dims->spot.place(),
                  "the dims of input '" + input.name + "' must be a list, not " + dims.text());
    }
    for (std::size_t i = 0; i < dims.size(); ++i)
      type.shape.push_back(axes_.input_dim(dims.at(i), input, i));
    evaluator_.set_variable(input.name,
                            graph::TensorRef{builder_.add_input(input.name, std::move(type))});
  }

  void run_head() {
    const std::size_t missing_before = evaluator_.missing().size();
    try {
      evaluator_.run(head_.statements);
      for (const recipe::NamedExpr& output : head_.outputs) add_output(output);
    } catch (const Error& error) {
      // The trunk was complete; what the head misses means that the file was made for another task.
      if (error.kind() != ErrorKind::kModel || evaluator_.missing().size() == missing_before) throw;
      if (error.message().find(evaluator_.missing().back()) == std::string::npos) throw;
      std::string mend =
          "Fine-tune it for this task first, or choose the task the checkpoint was made for";
      throw Error(
          ErrorKind::kModel, error.place(),
          "this checkpoint is not fine-tuned for the task '" + head_.task + "': " + error.message(),
          mend);
    }
  }

  void add_output(const recipe::NamedExpr& output) {
    const Item item = evaluator_.evaluate(*output.value);
    if (item.is_null()) return;  // an optional output that this model does not have
    if (!item.is_tensor()) {
      throw Error(ErrorKind::kUsage, output.spot.place(),
                  "output '" + output.name + "' must be a tensor, not " + item.text());
    }
    const Value axes = axes_.output_axes(head_.axes.find(output.name));
    builder_.add_output(output.name, item.tensor(), &axes, output.spot);
  }

  const GraphRequest& request_;
  Recipe recipe_;
  const Head& head_;
  WeightNames names_;
  const Weights& weights_;
  graph::Builder builder_;
  Evaluator evaluator_;
  GraphAxes axes_;
  std::vector<std::string> notes_;
};

}  // namespace

BuiltGraph build_graph(const RuleBook& rules, const GraphRequest& request, const Weights& weights) {
  return GraphMaker(rules, request, weights).run();
}

}  // namespace switchyard
