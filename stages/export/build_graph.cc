#include "stages/export/build_graph.h"

#include <algorithm>
#include <set>

#include "engine/text.h"
#include "stages/export/graph_axes.h"
#include "stages/export/graph/builder.h"
#include "stages/export/graph/fold.h"
#include "stages/export/graph/prune.h"
#include "stages/export/recipe/evaluator.h"
#include "stages/export/recipe/recipe.h"
#include "stages/export/weight_report.h"
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

// "layer3.0.weight" -> "layer*.*.weight": the same place in every layer.
std::string without_numbers(std::string_view name) {
  std::string text;
  for (const char c : name) {
    const bool digit = c >= '0' && c <= '9';
    if (digit && text.ends_with('*')) continue;
    text += digit ? '*' : c;
  }
  return text;
}

class GraphMaker {
 public:
  GraphMaker(const RuleBook& rules, const GraphRequest& request, const Weights& weights)
      : request_(request),
        recipe_(recipe::load_recipe(rules, request.recipe)),
        head_(find_head()),
        names_(decide_fitting(rules, weights, facts()), weights),
        weights_(weights),
        evaluator_(recipe_, builder_, names_),
        axes_(request) {}

  BuiltGraph run() {
    evaluate();
    BuiltGraph result;
    result.graph = builder_.take();
    result.graph.name = recipe_.name;
    graph::prune(result.graph);
    const std::vector<TensorFate> fates = account(result.graph, true);
    refuse_unused(fates, recipe_);
    result.ignored = ignored_lines(fates);
    graph::fold_constants(result.graph);
    result.recipe_file = recipe_.file;
    result.notes = std::move(notes_);
    result.warnings = evaluator_.warnings();
    return result;
  }

  WeightReport report() {
    WeightReport report;
    report.recipe_file = recipe_.file;
    evaluator_.go_on_without([this](const std::string& name) { return guess_type(name); });
    try {
      evaluate();
    } catch (const Error& error) {
      report.stopped = error.what();
    }
    graph::Graph graph = builder_.take();
    graph::prune(graph);
    report.tensors = account(graph, report.stopped.empty());
    for (const WeightUse& use : evaluator_.uses()) {
      if (use.found.tensor != nullptr) continue;
      report.missing.push_back({use.name, use.spot.place(), use.optional,
                                use.optional ? std::string() : names_.nearest(use.name)});
    }
    return report;
  }

 private:
  void evaluate() {
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
  }

  std::vector<TensorFate> account(const graph::Graph& graph, bool complete) {
    return account_for_tensors(
        {recipe_, head_, names_, weights_, graph, evaluator_.uses(), complete},
        [&](const recipe::Expr& expr) {
          try {
            return evaluator_.truth(evaluator_.evaluate(expr), expr.spot);
          } catch (const Error&) {
            // A recipe that stopped has not set all that a condition may ask for.
            if (complete) throw;
            return false;
          }
        });
  }

  // The type of a tensor that is not there: that of one with a name near it that no layer asks for,
  // for that is likely the same under a wrong name; else that of its like in another layer; or none.
  graph::TensorType guess_type(const std::string& name) const {
    std::set<std::string> asked;
    for (const WeightUse& use : evaluator_.uses()) asked.insert(without_numbers(use.name));
    std::vector<std::string> strangers;
    const StoredTensor* like = nullptr;
    for (const StoredTensor& tensor : weights_.tensors()) {
      const std::string& plain = names_.plain_name(tensor);
      const std::string place = without_numbers(plain);
      if (!asked.contains(place)) strangers.push_back(plain);
      if (like == nullptr && names_.matches(place, without_numbers(name))) like = &tensor;
    }
    if (const auto near = nearest_names(name, strangers, 1); !near.empty()) {
      like = names_.find(near.front()).tensor;
    }
    graph::TensorType type;
    type.elem = graph::ElemType::kFloat;
    if (like == nullptr) return type;
    type.ranked = true;
    for (const std::int64_t dim : like->shape) type.shape.push_back(graph::Dim(dim));
    return type;
  }

  Facts facts() const {
    Facts facts;
    facts.set("task", Value(head_.task));
    facts.set("recipe", Value(request_.recipe));
    facts.set("recipe.prefix", recipe_.prefix.empty() ? Value() : Value(recipe_.prefix));
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
    const std::size_t asked_before = evaluator_.uses().size();
    try {
      evaluator_.run(head_.statements);
      for (const recipe::NamedExpr& output : head_.outputs) add_output(output);
    } catch (const Error& error) {
      // The trunk was complete; what the head misses means that the file was made for another task.
      const auto& uses = evaluator_.uses();
      if (error.kind() != ErrorKind::kModel || uses.size() == asked_before) throw;
      if (uses.back().found.tensor != nullptr || uses.back().optional) throw;
      throw Error(
          ErrorKind::kModel, error.place(),
          "this checkpoint is not fine-tuned for the task '" + head_.task + "': " + error.message(),
          "Fine-tune it for this task first, or choose the task the checkpoint was made for");
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

WeightReport report_weights(const RuleBook& rules, const GraphRequest& request,
                            const Weights& weights) {
  return GraphMaker(rules, request, weights).report();
}

}  // namespace switchyard
