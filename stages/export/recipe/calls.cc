// Calls: blocks, built-in functions, ONNX operators, exists().
#include <algorithm>

#include "engine/text.h"
#include "stages/export/graph/op_call.h"
#include "stages/export/recipe/builtins.h"
#include "stages/export/recipe/evaluator.h"
#include "stages/export/recipe/scope_guard.h"

namespace switchyard::recipe {

using graph::Item;
using graph::Items;

namespace {

constexpr int kMaxCalls = 40;

bool is_operator_name(const std::string& name) {
  return !name.empty() && name[0] >= 'A' && name[0] <= 'Z';
}

}  // namespace

// Asks without using: a tensor that is only asked for stays unused.
Item Evaluator::eval_exists(const Expr& expr) {
  if (expr.args.size() != 1) fail(expr.spot, "exists takes one tensor", "exists($bias)");
  const Expr& asked = *expr.args[0].value;
  if (asked.kind == Expr::Kind::kScoped) {
    ScopeGuard guard(*this, asked.path);
    if (asked.children[0]->kind == Expr::Kind::kWeight) {
      return Value(weights_.find(weight_name(expand(asked.children[0]->path))).tensor != nullptr);
    }
  }
  if (asked.kind != Expr::Kind::kWeight) return Value(!eval_or_null(asked).is_null());
  return Value(weights_.find(weight_name(expand(asked.path))).tensor != nullptr);
}

Item Evaluator::eval_call(const Expr& expr, std::size_t wanted) {
  const Expr& callee = *expr.children[0];
  if (callee.kind == Expr::Kind::kName) {
    const std::string& name = callee.text;
    const Item* variable = lookup(name);
    if (!variable || (!variable->block() && !variable->is_string())) {
      const auto block = recipe_.blocks.find(name);
      if (block != recipe_.blocks.end()) return call_block(block->second, expr);
      if (name == "exists") return eval_exists(expr);
      if (name == "submodel") return call_submodel(expr);
      if (const Builtin* builtin = find_builtin(name)) {
        BuiltinCall call{*this, {}, expr.spot};
        for (const Argument& argument : expr.args) {
          if (!argument.name.empty())
            fail(argument.spot, name + " takes no named arguments", std::string(builtin->help));
          call.arguments.push_back(eval(*argument.value));
        }
        if (call.arguments.size() < builtin->min_arguments ||
            call.arguments.size() > builtin->max_arguments) {
          fail(expr.spot,
               name + " does not take " + std::to_string(call.arguments.size()) + " arguments",
               std::string(builtin->help));
        }
        try {
          return builtin->function(call);
        } catch (const std::overflow_error&) {
          fail(expr.spot, name + ": the result does not fit 64 bits");
        }
      }
      return call_op(name, expr, wanted);
    }
  }
  const Item function = eval(callee);
  if (const Block* block = function.block()) return call_block(*block, expr);
  if (function.is_string()) {
    const auto block = recipe_.blocks.find(function.as_string());
    if (block != recipe_.blocks.end()) return call_block(block->second, expr);
    return call_op(function.as_string(), expr, wanted);
  }
  fail(expr.spot, std::string(function.kind_name()) + " can't be called",
       "Blocks, built-in functions and ONNX operators can");
}

Item Evaluator::call_submodel(const Expr& expr) {
  static constexpr const char* kForm = "submodel(config.encoder, 'feature-extraction', pixel_values=x)";
  SubmodelCall call;
  Items positional;
  for (const Argument& argument : expr.args) {
    Item value = eval(*argument.value);
    if (argument.name.empty()) {
      positional.push_back(std::move(value));
    } else {
      call.inputs.emplace_back(argument.name, std::move(value));
    }
  }
  if (positional.size() != 2 || !positional[0].is_map() || !positional[1].is_string())
    fail(expr.spot, "submodel takes a configuration and the name of a head, then its inputs by name", kForm);
  auto config = positional[0].plain();
  if (!config) fail(expr.spot, "the configuration of a submodel is plain data, without tensors", kForm);
  call.config = std::move(*config);
  call.head = positional[1].as_string();
  call.scope = scope_;
  call.node_scope = node_scope();
  call.spot = expr.spot;
  if (!submodels_) fail(expr.spot, "there are no submodels here");
  return submodels_(call);
}

Item Evaluator::call_op(const std::string& name, const Expr& expr, std::size_t wanted) {
  const graph::OpSignature* op = is_operator_name(name) ? graph::find_op(name) : nullptr;
  if (!op) {
    std::vector<std::string> names;
    for (const auto& [block_name, block] : recipe_.blocks) names.push_back(block_name);
    for (const Builtin& builtin : builtins()) names.emplace_back(builtin.name);
    if (is_operator_name(name)) names = graph::op_names();
    fail(expr.spot,
         is_operator_name(name) ? "ONNX opset 17 has no operator '" + name + "'"
                                : "there is no block or function '" + name + "'",
         did_you_mean(name, names));
  }
  graph::OpArguments arguments;
  for (const Argument& argument : expr.args) {
    Item value = eval(*argument.value);
    if (argument.name.empty()) {
      arguments.positional.push_back(std::move(value));
    } else if (argument.name == "outputs") {
      if (!value.is_int() || value.as_int() < 1 || value.as_int() > 1000)
        fail(argument.spot, "'outputs' is a number from 1 to 1000");
      wanted = static_cast<std::size_t>(value.as_int());
    } else {
      arguments.named.emplace_back(argument.name, std::move(value));
    }
  }
  spend(10, expr.spot);
  const std::vector<graph::TensorId> ids = building(expr.spot, [&] {
    return graph::call_op(builder_, *op, arguments, wanted, node_scope(), expr.spot);
  });
  if (ids.size() == 1) return graph::TensorRef{ids[0]};
  Items items;
  for (graph::TensorId id : ids) items.emplace_back(graph::TensorRef{id});
  return items;
}

Item Evaluator::call_block(const Block& block, const Expr& expr) {
  if (depth_ >= kMaxCalls)
    fail(expr.spot, "blocks call each other more than 40 deep",
         "Does '" + block.name() + "' call itself");
  Frame frame;
  const auto& parameters = block.parameters();
  std::vector<bool> given(parameters.size(), false);
  for (std::size_t i = 0; i < expr.args.size(); ++i) {
    const Argument& argument = expr.args[i];
    std::size_t at = i;
    if (!argument.name.empty()) {
      at = static_cast<std::size_t>(
          std::find_if(parameters.begin(), parameters.end(),
                       [&](const Parameter& p) { return p.name == argument.name; }) -
          parameters.begin());
    }
    if (at >= parameters.size() || given[at]) {
      std::vector<std::string> names;
      for (const Parameter& parameter : parameters) names.push_back(parameter.name);
      const std::string what =
          at < parameters.size()  ? "'" + parameters[at].name + "' is given twice"
          : argument.name.empty() ? "more arguments than the block has parameters"
                                  : "there is no parameter '" + argument.name + "'";
      fail(argument.spot, "block '" + block.name() + "': " + what, "It takes " + join_names(names));
    }
    given[at] = true;
    frame.variables.emplace_back(parameters[at].name, eval(*argument.value));
  }
  frames_.push_back(std::move(frame));
  ++depth_;
  struct Leave {
    Evaluator& evaluator;
    const Spot* library_call;
    Spot caller;
    ~Leave() {
      evaluator.builder_.exchange_caller(caller);
      evaluator.library_call_ = library_call;
      evaluator.frames_.pop_back();
      --evaluator.depth_;
    }
  } leave{*this, library_call_, builder_.exchange_caller({})};
  if (block.from_library() && library_call_ == nullptr) library_call_ = &expr.spot;
  builder_.exchange_caller(library_call_ != nullptr ? *library_call_ : Spot{});
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (given[i]) continue;
    if (!parameters[i].default_value)
      fail(expr.spot, "block '" + block.name() + "' needs '" + parameters[i].name + "'");
    set_local(parameters[i].name, eval(*parameters[i].default_value));
  }
  try {
    auto result = run_list(block.statements());
    return result ? std::move(*result) : Item();
  } catch (const Error& error) {
    // A reader looks for the fault where the recipe called, not inside a shared block.
    if (!block.from_library() || error.kind() == ErrorKind::kCheck) throw;
    std::string what = error.message();
    if (what.find(" [in ") == std::string::npos)
      what += " [in " + block.name() + ", " + error.place().str() + "]";
    throw Error(error.kind(), expr.spot.place(), what, error.mend());
  }
}

}  // namespace switchyard::recipe
