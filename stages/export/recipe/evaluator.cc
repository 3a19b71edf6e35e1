// Statements, scopes, weights and names. Calls stand in calls.cc, operators in arithmetic.cc,
// indices in indexing.cc.
#include "stages/export/recipe/evaluator.h"

#include <algorithm>

#include "engine/text.h"
#include "stages/export/graph/op_schema.h"
#include "stages/export/recipe/scope_guard.h"

namespace switchyard::recipe {

using graph::Dim;
using graph::Item;
using graph::ItemMap;
using graph::Items;

namespace {

constexpr std::size_t kMaxSteps = 5'000'000;

// "vit.encoder.layer.0.attention" -> "/vit/encoder/layer.0/attention": an index stays with its
// list.
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

}  // namespace

Evaluator::Evaluator(const Recipe& recipe, graph::Builder& builder, const WeightNames& weights)
    : recipe_(recipe), builder_(builder), weights_(weights) {
  frames_.emplace_back();
}

void Evaluator::set_global(const std::string& name, Item value) {
  globals_.emplace_back(name, std::move(value));
}
void Evaluator::set_variable(const std::string& name, Item value) {
  set_local(name, std::move(value));
}

const Item* Evaluator::variable(const std::string& name) const {
  for (const auto& [known, item] : frames_.front().variables) {
    if (known == name) return &item;
  }
  return nullptr;
}

void Evaluator::set_outer_scope(std::string scope, std::string node_scope) {
  outer_scope_ = std::move(scope);
  outer_node_scope_ = std::move(node_scope);
  node_scope_known_ = false;
}

void Evaluator::fail(const Spot& spot, std::string what, std::string mend, ErrorKind kind) const {
  throw Error(kind, spot.place(), std::move(what), std::move(mend));
}

void Evaluator::spend(std::size_t steps, const Spot& spot) {
  steps_ += steps;
  if (steps_ > kMaxSteps)
    fail(spot, "the recipe takes more than 5,000,000 steps", "Look for a loop that runs too often");
}

const std::string& Evaluator::node_scope() {
  if (!node_scope_known_) {
    node_scope_ = outer_node_scope_ + to_node_scope(scope_);
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
    case Statement::Kind::kFor:
      return run_for(statement);
    case Statement::Kind::kIf:
      return run_list(truth(eval(*statement.value), statement.spot) ? statement.body
                                                                    : statement.orelse);
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

void Evaluator::assign(const std::vector<std::string>& targets, const Item& value,
                       const Spot& spot) {
  if (targets.size() <= 1) {
    if (!targets.empty()) set_local(targets[0], value);
    return;
  }
  if (!value.is_list() || value.size() != targets.size()) {
    const std::string found = value.is_list() ? "a list of " + std::to_string(value.size())
                                              : std::string(value.kind_name());
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

std::string Evaluator::weight_name(const std::string& path) const {
  return scope_.empty() ? path : scope_ + "." + path;
}

Item Evaluator::eval_weight(const Expr& expr) {
  const std::string name = weight_name(expand(expr.path));
  NameMatch found = weights_.find(name);
  const StoredTensor* tensor = found.tensor;
  if (used_names_.insert(name).second) {
    uses_.push_back({name, std::move(found), expr.optional,
                     library_call_ != nullptr ? *library_call_ : expr.spot});
  }
  if (tensor != nullptr) {
    const bool as_float32 = weights_.fitting().as_float32.contains(tensor->dtype);
    return graph::TensorRef{
        builder_.weight(*tensor, as_float32 ? graph::ElemType::kFloat : graph::elem_of(tensor->dtype))};
  }
  if (expr.optional) return {};
  if (guess_) return graph::TensorRef{builder_.stand_in(name, guess_(name))};
  const std::string whole = outer_scope_.empty() ? name : outer_scope_ + "." + name;
  fail(expr.spot, "the checkpoint has no tensor '" + whole + "'", weights_.nearest(name),
       ErrorKind::kModel);
}

Item Evaluator::eval_name(const Expr& expr) {
  if (const Item* item = lookup(expr.text)) return *item;
  const auto block = recipe_.blocks.find(expr.text);
  if (block != recipe_.blocks.end()) return &block->second;
  // An operator's name stands for itself, so that it can be passed on as a function.
  if (graph::find_op(expr.text)) return Value(expr.text);
  std::vector<std::string> names;
  for (const auto& [name, item] : frames_.back().variables) names.push_back(name);
  for (const auto& [name, item] : globals_) names.push_back(name);
  for (const auto& [name, b] : recipe_.blocks) names.push_back(name);
  fail(expr.spot, "there is no name '" + expr.text + "' here", did_you_mean(expr.text, names));
}

Item Evaluator::eval(const Expr& expr, std::size_t wanted) {
  spend(1, expr.spot);
  switch (expr.kind) {
    case Expr::Kind::kNull:
      return {};
    case Expr::Kind::kBool:
      return Value(expr.int_value != 0);
    case Expr::Kind::kInt:
      return Value(expr.int_value);
    case Expr::Kind::kFloat:
      return Value(expr.float_value);
    case Expr::Kind::kString:
      return Value(expr.text);
    case Expr::Kind::kList: {
      Items items;
      for (const ExprPtr& child : expr.children) items.push_back(eval(*child));
      return items;
    }
    case Expr::Kind::kMap:
      return eval_map(expr);
    case Expr::Kind::kName:
      return eval_name(expr);
    case Expr::Kind::kWeight:
      return eval_weight(expr);
    case Expr::Kind::kCount:
      return Value(static_cast<std::int64_t>(weights_.count(weight_name(expand(expr.path)))));
    case Expr::Kind::kMember:
      return eval_member(expr, eval(*expr.children[0]), false);
    case Expr::Kind::kIndex:
      return eval_index(expr, eval(*expr.children[0]), false);
    case Expr::Kind::kSlice:
    case Expr::Kind::kEllipsis:
      fail(expr.spot, "':' and '...' stand inside brackets only");
    case Expr::Kind::kUnary:
      return eval_unary(expr);
    case Expr::Kind::kBinary:
      return eval_binary(expr);
    case Expr::Kind::kConditional:
      return eval(truth(eval(*expr.children[1]), expr.children[1]->spot) ? *expr.children[0]
                                                                         : *expr.children[2],
                  wanted);
    case Expr::Kind::kCall:
      return eval_call(expr, wanted);
    case Expr::Kind::kComprehension:
      return eval_comprehension(expr);
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
    if (!key.is_string())
      fail(expr.children[i]->spot, "the keys of a map are strings, not " + key.text());
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

}  // namespace switchyard::recipe
