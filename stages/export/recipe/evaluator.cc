// Statements, scopes, weights and calls. Operators stand in arithmetic.cc, indexing in indexing.cc.
#include "stages/export/recipe/evaluator.h"

#include <algorithm>

#include "engine/text.h"
#include "stages/export/graph/op_call.h"
#include "stages/export/recipe/builtins.h"

namespace switchyard::recipe {

using graph::Dim;
using graph::Item;
using graph::ItemMap;
using graph::Items;

namespace {

constexpr std::size_t kMaxSteps = 5'000'000;
constexpr int kMaxCalls = 40;

// "vit.encoder.layer.0.attention" -> "/vit/encoder/layer.0/attention": an index stays with its list.
std::string to_node_scope(std::string_view dotted) {
  std::string result;
  std::size_t begin = 0;
  while (begin < dotted.size()) {
    const std::size_t end = std::min(dotted.find('.', begin), dotted.size());
    const std::string_view part = dotted.substr(begin, end - begin);
    const bool index = part.find_first_not_of("0123456789") == std::string_view::npos;
    result += index && !result.empty() ? '.' : '/';
    result += part;
    begin = end + 1;
  }
  return result;
}

bool is_operator_name(const std::string& name) { return !name.empty() && name[0] >= 'A' && name[0] <= 'Z'; }

}  // namespace

class Evaluator::ScopeGuard {
 public:
  ScopeGuard(Evaluator& evaluator, const Template& path) : evaluator_(evaluator), outer_(evaluator.scope_) {
    const std::string inner = evaluator.expand(path);
    evaluator.scope_ = outer_.empty() ? inner : outer_ + "." + inner;
    evaluator.node_scope_known_ = false;
  }
  ~ScopeGuard() {
    evaluator_.scope_ = std::move(outer_);
    evaluator_.node_scope_known_ = false;
  }

 private:
  Evaluator& evaluator_;
  std::string outer_;
};

Evaluator::Evaluator(const Recipe& recipe, graph::Builder& builder, const WeightNames& weights)
    : recipe_(recipe), builder_(builder), weights_(weights) {
  frames_.emplace_back();
}

void Evaluator::set_global(const std::string& name, Item value) { globals_.emplace_back(name, std::move(value)); }
void Evaluator::set_variable(const std::string& name, Item value) { set_local(name, std::move(value)); }

void Evaluator::fail(const Spot& spot, std::string what, std::string mend, ErrorKind kind) const {
  throw Error(kind, spot.place(), std::move(what), std::move(mend));
}

void Evaluator::spend(std::size_t steps, const Spot& spot) {
  steps_ += steps;
  if (steps_ > kMaxSteps) fail(spot, "the recipe takes more than 5,000,000 steps", "Look for a loop that runs too often");
}

const std::string& Evaluator::node_scope() {
  if (!node_scope_known_) {
    node_scope_ = to_node_scope(scope_);
    node_scope_known_ = true;
  }
  return node_scope_;
}

void Evaluator::run(const Statements& statements) {
  if (run_list(statements)) fail(statements.front().spot, "'return' stands outside a block");
}

Item Evaluator::evaluate(const Expr& expr) { return eval(expr); }

std::optional<Item> Evaluator::run_list(const Statements& statements) {
  for (const Statement& statement : statements) {
    if (auto result = run_one(statement)) return result;
  }
  return std::nullopt;
}

std::optional<Item> Evaluator::run_one(const Statement& statement) {
  spend(1, statement.spot);
  switch (statement.kind) {
    case Statement::Kind::kAssign: {
      const std::size_t targets = statement.targets.size();
      assign(statement.targets, eval(*statement.value, targets > 1 ? targets : 0), statement.spot);
      return std::nullopt;
    }
    case Statement::Kind::kReturn: {
      if (statement.values.size() == 1) return eval(*statement.values[0]);
      Items items;
      for (const ExprPtr& value : statement.values) items.push_back(eval(*value));
      return Item(std::move(items));
    }
    case Statement::Kind::kFor: return run_for(statement);
    case Statement::Kind::kIf:
      return run_list(truth(eval(*statement.value), statement.spot) ? statement.body : statement.orelse);
    case Statement::Kind::kScope: {
      ScopeGuard guard(*this, statement.path);
      return run_list(statement.body);
    }
    case Statement::Kind::kRequire: {
      if (truth(eval(*statement.values[0]), statement.spot)) return std::nullopt;
      std::string what = "a requirement of the recipe does not hold";
      if (statement.values.size() > 1) {
        const Item message = eval(*statement.values[1]);
        what = message.is_string() ? message.as_string() : message.text();
      }
      fail(statement.spot, what, {}, ErrorKind::kModel);
    }
  }
  return std::nullopt;
}

std::optional<Item> Evaluator::run_for(const Statement& statement) {
  const Item source = eval(*statement.value);
  if (!source.is_list()) fail(statement.spot, "a loop runs over a list, not " + source.text());
  for (std::size_t i = 0; i < source.size(); ++i) {
    spend(1, statement.spot);
    assign(statement.targets, source.at(i), statement.spot);
    if (auto result = run_list(statement.body)) return result;
  }
  return std::nullopt;
}

void Evaluator::assign(const std::vector<std::string>& targets, const Item& value, const Spot& spot) {
  if (targets.size() <= 1) {
    if (!targets.empty()) set_local(targets[0], value);
    return;
  }
  if (!value.is_list() || value.size() != targets.size()) {
    const std::string found = value.is_list() ? "a list of " + std::to_string(value.size()) : std::string(value.kind_name());
    fail(spot, std::to_string(targets.size()) + " names take " + found);
  }
  for (std::size_t i = 0; i < targets.size(); ++i) set_local(targets[i], value.at(i));
}

void Evaluator::set_local(const std::string& name, Item value) {
  auto& variables = frames_.back().variables;
  for (auto& [known, item] : variables) {
    if (known == name) {
      item = std::move(value);
      return;
    }
  }
  variables.emplace_back(name, std::move(value));
}

const Item* Evaluator::lookup(const std::string& name) const {
  for (const auto& [known, item] : frames_.back().variables) {
    if (known == name) return &item;
  }
  for (const auto& [known, item] : globals_) {
    if (known == name) return &item;
  }
  return nullptr;
}

std::string Evaluator::expand(const Template& path) {
  std::string text;
  for (const Template::Piece& piece : path.pieces) {
    if (!piece.expr) {
      text += piece.text;
      continue;
    }
    const Item item = eval(*piece.expr);
    if (item.is_int()) {
      text += std::to_string(item.as_int());
    } else if (item.is_string()) {
      text += item.as_string();
    } else {
      fail(piece.expr->spot, "a scope takes integers and strings, not " + item.text());
    }
    if (text.size() > 1000) fail(path.spot, "a scope is longer than 1,000 characters");
  }
  return text;
}

std::string Evaluator::weight_name(const std::string& path) const { return scope_.empty() ? path : scope_ + "." + path; }

Item Evaluator::eval_weight(const Expr& expr) {
  const std::string name = weight_name(expand(expr.path));
  if (const StoredTensor* tensor = weights_.find(name)) return graph::TensorRef{builder_.weight(*tensor)};
  missing_.push_back(name);
  if (expr.optional) return {};
  fail(expr.spot, "the checkpoint has no tensor '" + name + "'", weights_.nearest(name), ErrorKind::kModel);
}

// Asks without using: a tensor that is only asked for stays unused.
Item Evaluator::eval_exists(const Expr& expr) {
  if (expr.args.size() != 1) fail(expr.spot, "exists takes one tensor", "exists($bias)");
  const Expr& asked = *expr.args[0].value;
  if (asked.kind == Expr::Kind::kScoped) {
    ScopeGuard guard(*this, asked.path);
    if (asked.children[0]->kind == Expr::Kind::kWeight) {
      return Value(weights_.find(weight_name(expand(asked.children[0]->path))) != nullptr);
    }
  }
  if (asked.kind != Expr::Kind::kWeight) return Value(!eval_or_null(asked).is_null());
  return Value(weights_.find(weight_name(expand(asked.path))) != nullptr);
}

Item Evaluator::eval_name(const Expr& expr) {
  if (const Item* item = lookup(expr.text)) return *item;
  const auto block = recipe_.blocks.find(expr.text);
  if (block != recipe_.blocks.end()) return &block->second;
  // An operator's name stands for itself, so that it can be passed on as a function.
  if (is_operator_name(expr.text) && graph::find_op(expr.text)) return Value(expr.text);
  std::vector<std::string> names;
  for (const auto& [name, item] : frames_.back().variables) names.push_back(name);
  for (const auto& [name, item] : globals_) names.push_back(name);
  for (const auto& [name, b] : recipe_.blocks) names.push_back(name);
  fail(expr.spot, "there is no name '" + expr.text + "' here", did_you_mean(expr.text, names));
}

Item Evaluator::eval(const Expr& expr, std::size_t wanted) {
  spend(1, expr.spot);
  switch (expr.kind) {
    case Expr::Kind::kNull: return {};
    case Expr::Kind::kBool: return Value(expr.int_value != 0);
    case Expr::Kind::kInt: return Value(expr.int_value);
    case Expr::Kind::kFloat: return Value(expr.float_value);
    case Expr::Kind::kString: return Value(expr.text);
    case Expr::Kind::kList: {
      Items items;
      for (const ExprPtr& child : expr.children) items.push_back(eval(*child));
      return items;
    }
    case Expr::Kind::kMap: return eval_map(expr);
    case Expr::Kind::kName: return eval_name(expr);
    case Expr::Kind::kWeight: return eval_weight(expr);
    case Expr::Kind::kCount: return Value(static_cast<std::int64_t>(weights_.count(weight_name(expand(expr.path)))));
    case Expr::Kind::kMember: return eval_member(expr, eval(*expr.children[0]), false);
    case Expr::Kind::kIndex: return eval_index(expr, eval(*expr.children[0]), false);
    case Expr::Kind::kSlice:
    case Expr::Kind::kEllipsis: fail(expr.spot, "':' and '...' stand inside brackets only");
    case Expr::Kind::kUnary: return eval_unary(expr);
    case Expr::Kind::kBinary: return eval_binary(expr);
    case Expr::Kind::kConditional:
      return eval(truth(eval(*expr.children[1]), expr.children[1]->spot) ? *expr.children[0] : *expr.children[2], wanted);
    case Expr::Kind::kCall: return eval_call(expr, wanted);
    case Expr::Kind::kComprehension: return eval_comprehension(expr);
    case Expr::Kind::kScoped: {
      ScopeGuard guard(*this, expr.path);
      return eval(*expr.children[0], wanted);
    }
  }
  return {};
}

Item Evaluator::eval_map(const Expr& expr) {
  ItemMap map;
  for (std::size_t i = 0; i + 1 < expr.children.size(); i += 2) {
    const Item key = eval(*expr.children[i]);
    if (!key.is_string()) fail(expr.children[i]->spot, "the keys of a map are strings, not " + key.text());
    map.emplace_back(key.as_string(), eval(*expr.children[i + 1]));
  }
  return map;
}

Item Evaluator::eval_comprehension(const Expr& expr) {
  const Item source = eval(*expr.children[1]);
  if (!source.is_list()) fail(expr.spot, "a comprehension runs over a list, not " + source.text());
  // Its variables are its own: what they hide comes back afterwards.
  const Frame outer = frames_.back();
  Items result;
  for (std::size_t i = 0; i < source.size(); ++i) {
    assign(expr.targets, source.at(i), expr.spot);
    if (expr.children[2] && !truth(eval(*expr.children[2]), expr.children[2]->spot)) continue;
    result.push_back(eval(*expr.children[0]));
  }
  frames_.back() = outer;
  return result;
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
      if (const Builtin* builtin = find_builtin(name)) {
        BuiltinCall call{*this, {}, expr.spot};
        for (const Argument& argument : expr.args) {
          if (!argument.name.empty()) fail(argument.spot, name + " takes no named arguments", std::string(builtin->help));
          call.arguments.push_back(eval(*argument.value));
        }
        if (call.arguments.size() < builtin->min_arguments || call.arguments.size() > builtin->max_arguments) {
          fail(expr.spot, name + " does not take " + std::to_string(call.arguments.size()) + " arguments", std::string(builtin->help));
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
  fail(expr.spot, std::string(function.kind_name()) + " can't be called", "Blocks, built-in functions and ONNX operators can");
}

Item Evaluator::call_op(const std::string& name, const Expr& expr, std::size_t wanted) {
  const graph::OpSignature* op = is_operator_name(name) ? graph::find_op(name) : nullptr;
  if (!op) {
    std::vector<std::string> names;
    for (const auto& [block_name, block] : recipe_.blocks) names.push_back(block_name);
    for (const Builtin& builtin : builtins()) names.emplace_back(builtin.name);
    if (is_operator_name(name)) names = graph::op_names();
    fail(expr.spot, is_operator_name(name) ? "ONNX opset 17 has no operator '" + name + "'" : "there is no block or function '" + name + "'",
         did_you_mean(name, names));
  }
  graph::OpArguments arguments;
  for (const Argument& argument : expr.args) {
    Item value = eval(*argument.value);
    if (argument.name.empty()) {
      arguments.positional.push_back(std::move(value));
    } else if (argument.name == "outputs") {
      if (!value.is_int() || value.as_int() < 1 || value.as_int() > 1000) fail(argument.spot, "'outputs' is a number from 1 to 1000");
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
  if (depth_ >= kMaxCalls) fail(expr.spot, "blocks call each other more than 40 deep", "Does '" + block.name() + "' call itself");
  Frame frame;
  const auto& parameters = block.parameters();
  std::vector<bool> given(parameters.size(), false);
  for (std::size_t i = 0; i < expr.args.size(); ++i) {
    const Argument& argument = expr.args[i];
    std::size_t at = i;
    if (!argument.name.empty()) {
      at = static_cast<std::size_t>(std::find_if(parameters.begin(), parameters.end(), [&](const Parameter& p) { return p.name == argument.name; }) - parameters.begin());
    }
    if (at >= parameters.size() || given[at]) {
      std::vector<std::string> names;
      for (const Parameter& parameter : parameters) names.push_back(parameter.name);
      const std::string what = at < parameters.size() ? "'" + parameters[at].name + "' is given twice"
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
    ~Leave() {
      evaluator.frames_.pop_back();
      --evaluator.depth_;
    }
  } leave{*this};
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (given[i]) continue;
    if (!parameters[i].default_value) fail(expr.spot, "block '" + block.name() + "' needs '" + parameters[i].name + "'");
    set_local(parameters[i].name, eval(*parameters[i].default_value));
  }
  try {
    auto result = run_list(block.statements());
    return result ? std::move(*result) : Item();
  } catch (const Error& error) {
    // A reader looks for the fault where the recipe called, not inside a shared block.
    if (!block.from_library() || error.kind() == ErrorKind::kCheck) throw;
    std::string what = error.message();
    if (what.find(" [in ") == std::string::npos) what += " [in " + block.name() + ", " + error.place().str() + "]";
    throw Error(error.kind(), expr.spot.place(), what, error.mend());
  }
}

}  // namespace switchyard::recipe
