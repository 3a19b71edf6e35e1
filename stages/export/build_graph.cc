#include "stages/export/build_graph.h"

#include <algorithm>

#include "stages/export/graph_axes.h"
#include "stages/export/node_trace.h"
#include "stages/export/graph/builder.h"
#include "stages/export/graph/fold.h"
#include "stages/export/graph/prune.h"
#include "stages/export/recipe_run.h"
#include "stages/export/weight_report.h"
#include "stages/runtime/runtime_ahead.h"

namespace switchyard {
namespace {

using graph::Item;
using recipe::Head;

// The two outputs that a user may ask for beside the task's: a tensor for each layer, which the
// recipe's graph collects in a variable of that name.
constexpr const char* kLayerOutputs[] = {"hidden_states", "attentions"};

RunRequest run_request(const GraphRequest& request, const std::string& part) {
  return {request.recipe, request.task,   request.shown_task,
          part,           request.config, request.options};
}

class GraphMaker {
 public:
  GraphMaker(const RuleBook& rules, const GraphRequest& request, const Weights& weights,
             const std::string& part)
      : rules_(rules),
        request_(request),
        weights_(weights),
        part_(part),
        run_(rules, run_request(request, part), tensor_list(weights), builder_),
        axes_(request) {}

  BuiltGraph run() {
    RuntimeAhead runtime;
    builder_.set_on_constants([&] { runtime.start(); });
    evaluate();
    BuiltGraph result;
    result.graph = builder_.take();
    result.graph.name = run_.recipe().name;
    graph::prune(result.graph);
    std::vector<TensorFate> fates = run_.account(result.graph, true);
    if (has_unused(fates)) fates = run_.account(result.graph, true, other_owners());
    refuse_unused(fates, run_.recipe());
    result.ignored = ignored_lines(fates);
    graph::fold_constants(result.graph);
    result.recipe_file = run_.recipe().file;
    result.notes = std::move(notes_);
    result.warnings = run_.warnings();
    return result;
  }

  WeightReport report() {
    WeightReport report;
    report.recipe_file = run_.recipe().file;
    run_.go_on_without_tensors();
    try {
      evaluate();
    } catch (const Error& error) {
      report.stopped = error.what();
    }
    graph::Graph graph = builder_.take();
    graph::prune(graph);
    report.tensors = run_.account(graph, report.stopped.empty(), other_owners());
    for (const MissingTensor& tensor : run_.missing())
      report.missing.push_back({tensor.name, tensor.spot.place(), tensor.optional, tensor.nearest});
    return report;
  }

  NodeTrace trace() {
    NodeTrace trace;
    trace.recipe_file = run_.recipe().file;
    try {
      evaluate();
    } catch (const Error& error) {
      trace.stopped = error;
    }
    graph::Graph graph = builder_.take();
    // What was made before the fault leads to no output yet: it is all shown.
    if (!trace.stopped) {
      graph::prune(graph);
      std::vector<TensorFate> fates = run_.account(graph, true, other_owners());
      try {
        refuse_unused(fates, run_.recipe());
      } catch (const Error& error) {
        trace.stopped = error;
      }
      graph::fold_constants(graph);
    }
    trace.nodes = traced_nodes(graph);
    trace.warnings = run_.warnings();
    return trace;
  }

 private:
  void evaluate() {
    run_.prepare();
    for (const recipe::Input& input : run_.inputs()) add_input(input);
    axes_.finish(notes_);
    run_.run();
    for (const RecipeRun::Output& output : run_.outputs()) add_output(output);
    for (const char* name : kLayerOutputs) add_layer_outputs(name);
  }

  static bool has_unused(const std::vector<TensorFate>& fates) {
    return std::any_of(fates.begin(), fates.end(),
                       [](const TensorFate& fate) { return fate.fate == Fate::kUnused; });
  }

  // What the recipe's other graphs take from this checkpoint: nothing to ask of a recipe without
  // parts.
  TensorOwners other_owners() const {
    TensorOwners owners;
    for (const recipe::Part& part : run_.recipe().parts) {
      if (part.head.task != part_) add_owner(part.head.task, "part " + part.head.task, owners);
    }
    const bool has_whole = run_.recipe().head(request_.shown_task) || run_.recipe().head(request_.task);
    if (!part_.empty() && has_whole) add_owner({}, "whole model", owners);
    return owners;
  }

  // A checkpoint need not hold all of the model's graphs, so faults of the other one are not told;
  // what it asked for until then counts.
  void add_owner(const std::string& part, const std::string& owner, TensorOwners& owners) const {
    GraphMaker other(rules_, request_, weights_, part);
    other.run_.go_on_without_tensors();
    try {
      other.evaluate();
    } catch (const Error&) {
    }
    other.run_.add_asked(owner, owners);
  }

  void add_input(const recipe::Input& input) {
    if (!run_.has_input(input)) return run_.set_input(input, Item());
    graph::TensorType type;
    const auto elem = graph::elem_from_name(input.dtype);
    if (!elem) {
      throw Error(ErrorKind::kUsage, input.spot.place(),
                  "input '" + input.name + "' has the unknown dtype '" + input.dtype + "'",
                  "float32, int64, bool ...");
    }
    type.elem = *elem;
    type.ranked = true;
    const Item dims = run_.evaluator().evaluate(*input.dims);
    if (!dims.is_list()) {
      throw Error(ErrorKind::kUsage, input.dims->spot.place(),
                  "the dims of input '" + input.name + "' must be a list, not " + dims.text());
    }
    for (std::size_t i = 0; i < dims.size(); ++i)
      type.shape.push_back(axes_.input_dim(dims.at(i), input, i));
    run_.set_input(input, graph::TensorRef{builder_.add_input(input.name, std::move(type))});
  }

  void add_output(const RecipeRun::Output& output) {
    const recipe::NamedExpr& declared = *output.declared;
    if (output.value.is_null()) return;  // an optional output that this model does not have
    if (!output.value.is_tensor()) {
      throw Error(ErrorKind::kUsage, declared.spot.place(),
                  "output '" + declared.name + "' must be a tensor, not " + output.value.text());
    }
    const Value axes = axes_.output_axes(run_.head().axes.find(declared.name));
    builder_.add_output(declared.name, output.value.tensor(), &axes, declared.spot);
  }

  void add_layer_outputs(const std::string& name) {
    const Value* wanted = request_.options.find("output_" + name);
    if (wanted == nullptr || !wanted->is_bool() || !wanted->as_bool()) return;
    const Item* layers = run_.evaluator().variable(name);
    if (layers == nullptr || !layers->is_list() || layers->size() == 0) {
      throw Error(ErrorKind::kModel, {run_.recipe().file},
                  "recipe '" + run_.recipe().name + "' gives no " + name,
                  "A graph that has them collects them in the list `" + name +
                      "` (docs/recipes.md, Outputs of each layer)");
    }
    const Value no_axes;
    for (std::size_t i = 0; i < layers->size(); ++i) {
      const std::string output = name + "." + std::to_string(i);
      if (!layers->at(i).is_tensor()) {
        throw Error(ErrorKind::kUsage, {run_.recipe().file},
                    output + " must be a tensor, not " + layers->at(i).text());
      }
      builder_.add_output(output, layers->at(i).tensor(), &no_axes, run_.head().spot);
    }
  }

  const RuleBook& rules_;
  const GraphRequest& request_;
  const Weights& weights_;
  const std::string part_;  // empty: the whole
  graph::Builder builder_;
  RecipeRun run_;
  GraphAxes axes_;
  std::vector<std::string> notes_;
};

}  // namespace

BuiltGraph build_graph(const RuleBook& rules, const GraphRequest& request, const Weights& weights) {
  return GraphMaker(rules, request, weights, request.part).run();
}

NodeTrace trace_nodes(const RuleBook& rules, const GraphRequest& request, const Weights& weights) {
  return GraphMaker(rules, request, weights, request.part).trace();
}

WeightReport report_weights(const RuleBook& rules, const GraphRequest& request,
                            const Weights& weights) {
  return GraphMaker(rules, request, weights, request.part).report();
}

}  // namespace switchyard
