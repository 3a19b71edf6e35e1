#include "stages/export/recipe_run.h"

#include <algorithm>
#include <set>

#include "engine/text.h"
#include "stages/resolve/resolve.h"

namespace switchyard {
namespace {

using graph::Item;
using recipe::Head;
using recipe::Input;
using recipe::Recipe;

constexpr int kMaxLikes = 20;
constexpr int kMaxSubmodels = 5;  // in each other

// The row of `variants` for this model, with the rows it is like and the defaults beneath.
Item variant_of(const Recipe& recipe, recipe::Evaluator& evaluator) {
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

std::string join_scopes(const std::string& outer, const std::string& inner) {
  if (outer.empty() || inner.empty()) return outer + inner;
  return outer + "." + inner;
}

std::string join_names_of(const std::vector<Input>& inputs) {
  std::vector<std::string> names;
  for (const Input& input : inputs) names.push_back(input.name);
  return join_names(names);
}

}  // namespace

RecipeRun::RecipeRun(const RuleBook& rules, RunRequest request, const TensorList& tensors,
                     graph::Builder& builder, RunPlace place)
    : rules_(rules),
      request_(std::move(request)),
      place_(std::move(place)),
      recipe_(recipe::load_recipe(rules, request_.recipe)),
      head_(find_head()),
      names_(decide_fitting(rules, tensors, facts()), tensors),
      builder_(builder),
      evaluator_(recipe_, builder, names_) {
  evaluator_.set_outer_scope(place_.scope, place_.node_scope);
  evaluator_.set_submodels([this](const recipe::SubmodelCall& call) { return run_submodel(call); });
}

const std::vector<Input>& RecipeRun::inputs() const {
  return request_.part.empty() ? recipe_.inputs : recipe_.part(request_.part)->inputs;
}

const Head& RecipeRun::find_head() const {
  if (!request_.part.empty()) {
    if (const recipe::Part* part = recipe_.part(request_.part)) return part->head;
    std::vector<std::string> names;
    for (const recipe::Part& part : recipe_.parts) names.push_back(part.head.task);
    throw Error(ErrorKind::kUsage, {recipe_.file},
                "the model has no part '" + request_.part + "' in recipe '" + recipe_.name + "'",
                names.empty() ? "It is one graph: leave --submodel out"
                              : "It has " + join_names(names));
  }
  if (const Head* head = recipe_.head(request_.shown_task)) return *head;
  if (const Head* head = recipe_.head(request_.task)) return *head;
  std::vector<std::string> tasks;
  for (const Head& head : recipe_.heads) tasks.push_back(head.task);
  throw Error(ErrorKind::kModel, {recipe_.file},
              "recipe '" + recipe_.name + "' has no head for the task '" + request_.task + "'",
              "It has " + join_names(tasks));
}

Facts RecipeRun::facts() const {
  Facts facts;
  facts.set("task", Value(request_.part.empty() ? head_.task : request_.task));
  facts.set("recipe", Value(request_.recipe));
  facts.set("recipe.prefix", recipe_.prefix.empty() ? Value() : Value(recipe_.prefix));
  facts.set("config", request_.config);
  return facts;
}

void RecipeRun::prepare() {
  evaluator_.set_global("config", request_.config);
  evaluator_.set_global("task", Value(request_.part.empty() ? head_.task : request_.task));
  evaluator_.set_global("options", request_.options.is_map() ? request_.options : Value(Map()));
  evaluator_.set_global("variant", variant_of(recipe_, evaluator_));
  for (const recipe::NamedExpr& let : recipe_.lets)
    evaluator_.set_global(let.name, evaluator_.evaluate(*let.value));
}

bool RecipeRun::has_input(const Input& input) {
  return !input.when || evaluator_.truth(evaluator_.evaluate(*input.when), input.when->spot);
}

void RecipeRun::set_input(const Input& input, Item value) {
  evaluator_.set_variable(input.name, std::move(value));
}

void RecipeRun::run_head() {
  evaluator_.run(head_.statements);
  for (const recipe::NamedExpr& output : head_.outputs)
    outputs_.push_back({&output, evaluator_.evaluate(*output.value)});
}

void RecipeRun::run() {
  if (!request_.part.empty()) return run_head();
  evaluator_.run(recipe_.graph);
  const std::size_t asked_before = evaluator_.uses().size();
  try {
    run_head();
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

Item RecipeRun::run_submodel(const recipe::SubmodelCall& call) {
  if (place_.depth >= kMaxSubmodels)
    evaluator_.fail(call.spot, "submodels lie in each other more than 5 deep");
  ResolveRequest asked;
  asked.config = call.config;
  asked.config_file = call.spot.place().str();
  // Only what the chain finds of model type, defaults and recipe counts here; any task will do that
  // every model has.
  asked.options.task = "feature-extraction";
  const Resolution resolution = resolve(rules_, asked);
  if (!resolution.recipe) {
    evaluator_.fail(call.spot, "there is no graph recipe for the submodel's type '" +
                                   resolution.model_type + "'",
                    "Add one in an overlay directory (--rules DIR; docs/recipes.md)",
                    ErrorKind::kModel);
  }
  RunRequest request{*resolution.recipe, call.head, call.head, {}, resolution.config, Value(Map())};
  RunPlace place{join_scopes(place_.scope, call.scope), call.node_scope, place_.depth + 1};
  submodels_.push_back(std::make_unique<RecipeRun>(rules_, std::move(request),
                                                   names_.below(call.scope), builder_, place));
  RecipeRun& inner = *submodels_.back();
  if (lenient_) inner.go_on_without_tensors();
  inner.prepare();
  std::set<std::string> given;
  for (const auto& [name, item] : call.inputs) {
    if (!item.is_null()) given.insert(name);  // an input that this model can't have may be null
  }
  for (const Input& input : inner.inputs()) {
    const auto found = std::find_if(call.inputs.begin(), call.inputs.end(),
                                    [&](const auto& entry) { return entry.first == input.name; });
    given.erase(input.name);
    if (found == call.inputs.end()) {
      if (inner.has_input(input)) {
        evaluator_.fail(call.spot, "submodel '" + inner.recipe_.name + "' needs its input '" +
                                       input.name + "'",
                        "Give it, or say " + input.name + "=null where there is none");
      }
      inner.set_input(input, Item());
    } else {
      inner.set_input(input, found->second);
    }
  }
  if (!given.empty()) {
    evaluator_.fail(call.spot, "submodel '" + inner.recipe_.name + "' has no input '" +
                                   *given.begin() + "'",
                    "It has " + join_names_of(inner.inputs()));
  }
  inner.run();
  graph::ItemMap outputs;
  for (const Output& output : inner.outputs_)
    outputs.emplace_back(output.declared->name, output.value);
  return outputs;
}

void RecipeRun::go_on_without_tensors() {
  lenient_ = true;
  evaluator_.go_on_without([this](const std::string& name) { return guess_type(name); });
}

// The type of a tensor that is not there: that of one with a name near it that no layer asks for,
// for that is likely the same under a wrong name; else that of its like in another layer; or none.
graph::TensorType RecipeRun::guess_type(const std::string& name) const {
  std::set<std::string> asked;
  for (const WeightUse& use : evaluator_.uses()) asked.insert(without_numbers(use.name));
  std::vector<std::string> strangers;
  const StoredTensor* like = nullptr;
  for (const NamedTensor& tensor : names_.tensors()) {
    const std::string place = without_numbers(tensor.name);
    if (!asked.contains(place)) strangers.push_back(tensor.name);
    if (like == nullptr && names_.matches(place, without_numbers(name))) like = tensor.tensor;
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

std::vector<MissingTensor> RecipeRun::missing() const {
  std::vector<MissingTensor> result;
  for (const WeightUse& use : evaluator_.uses()) {
    if (use.found.tensor != nullptr) continue;
    result.push_back({join_scopes(place_.scope, use.name), use.spot, use.optional,
                      use.optional ? std::string() : names_.nearest(use.name)});
  }
  for (const auto& submodel : submodels_) {
    for (MissingTensor& tensor : submodel->missing()) result.push_back(std::move(tensor));
  }
  return result;
}

std::vector<TensorFate> RecipeRun::account(const graph::Graph& graph, bool complete,
                                           const TensorOwners& others) {
  std::vector<TensorFate> fates = account_for_tensors(
      {recipe_, head_, names_, graph, evaluator_.uses(), others, complete},
      [&](const recipe::Expr& expr) {
        try {
          return evaluator_.truth(evaluator_.evaluate(expr), expr.spot);
        } catch (const Error&) {
          // A recipe that stopped has not set all that a condition may ask for.
          if (complete) throw;
          return false;
        }
      });
  if (!place_.scope.empty()) {
    for (TensorFate& fate : fates) {
      fate.name = join_scopes(place_.scope, fate.name);
      fate.scope = join_scopes(place_.scope, fate.scope);
    }
  }
  for (const auto& submodel : submodels_) {
    std::map<const StoredTensor*, TensorFate> inner;
    for (TensorFate& fate : submodel->account(graph, complete, others))
      inner.emplace(fate.tensor, std::move(fate));
    for (TensorFate& fate : fates) {
      const auto found = inner.find(fate.tensor);
      if (found == inner.end()) continue;
      if (fate.fate == Fate::kUnused || fate.fate == Fate::kNotReached || found->second.fate == Fate::kUsed)
        fate = std::move(found->second);
    }
  }
  return fates;
}

void RecipeRun::add_asked(const std::string& owner, TensorOwners& owners) const {
  for (const WeightUse& use : evaluator_.uses()) {
    if (use.found.tensor != nullptr) owners.try_emplace(use.found.tensor, owner);
  }
  for (const auto& submodel : submodels_) submodel->add_asked(owner, owners);
}

std::vector<std::string> RecipeRun::warnings() const {
  std::vector<std::string> result = evaluator_.warnings();
  for (const auto& submodel : submodels_) {
    for (std::string& text : submodel->warnings()) result.push_back(std::move(text));
  }
  return result;
}

}  // namespace switchyard
