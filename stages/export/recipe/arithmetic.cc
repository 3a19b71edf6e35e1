// Operators of expressions: on numbers, symbolic integers, text, lists and tensors.
#include <cmath>
#include <limits>

#include "stages/export/graph/op_call.h"
#include "stages/export/recipe/evaluator.h"

namespace switchyard::recipe {

using graph::Dim;
using graph::Item;
using graph::Items;

namespace {

constexpr std::size_t kMaxText = 1 << 16;

std::int64_t power(std::int64_t base, std::int64_t exponent) {
  std::int64_t result = 1;
  for (; exponent > 0; --exponent) {
    if (__builtin_mul_overflow(result, base, &result)) throw std::overflow_error("power");
    if (base == 0 || base == 1) break;
    if (base == -1) return exponent % 2 ? -1 : 1;
  }
  return result;
}

std::optional<Dim> dim_arithmetic(const std::string& op, const Dim& a, const Dim& b) {
  if (op == "+") return a + b;
  if (op == "-") return a - b;
  if (op == "*") return a * b;
  if (op == "//") return floor_div(a, b);
  if (op == "%") return modulo(a, b);
  if (op == "**" && a.known() && b.known() && b.value() >= 0)
    return Dim(power(a.value(), b.value()));
  return std::nullopt;
}

std::optional<double> float_arithmetic(const std::string& op, double a, double b) {
  if (op == "+") return a + b;
  if (op == "-") return a - b;
  if (op == "*") return a * b;
  if (op == "/" && b != 0) return a / b;
  if (op == "//" && b != 0) return std::floor(a / b);
  if (op == "%" && b != 0) return a - b * std::floor(a / b);
  if (op == "**") return std::pow(a, b);
  return std::nullopt;
}

// Symbolic where it overflows: not known, like any other symbol.
Dim difference_of(const Dim& a, const Dim& b) {
  try {
    return a - b;
  } catch (const std::overflow_error&) {
    return Dim::axis("?");
  }
}

const char* tensor_operator(const std::string& op) {
  if (op == "+") return "Add";
  if (op == "-") return "Sub";
  if (op == "*") return "Mul";
  if (op == "/") return "Div";
  if (op == "**") return "Pow";
  return nullptr;
}

}  // namespace

bool Evaluator::truth(const Item& item, const Spot& spot) const {
  if (item.is_bool()) return item.value()->as_bool();
  if (item.is_null()) return false;
  if (item.is_number()) return item.value()->as_double() != 0;
  if (item.is_string()) return !item.as_string().empty();
  if (item.is_list()) return item.size() != 0;
  if (item.is_map()) return !item.keys().empty();
  if (item.is_tensor())
    fail(spot, "a tensor has no truth value at export",
         "Compare with null (x != null), or use Where");
  fail(spot, std::string(item.kind_name()) + " has no truth value at export");
}

bool Evaluator::equal(const Item& a, const Item& b, const Spot& spot) const {
  if (a.value() && b.value()) return *a.value() == *b.value();
  if (a.is_null() || b.is_null()) return false;
  if (a.is_tensor() || b.is_tensor())
    fail(spot, "tensors can't be compared at export", "Use Equal(a, b)");
  if (a.symbol() || b.symbol()) {
    const auto x = a.as_dim();
    const auto y = b.as_dim();
    if (!x || !y) return false;
    const Dim difference = difference_of(*x, *y);
    if (difference.known()) return difference.value() == 0;
    fail(spot, "whether " + a.text() + " equals " + b.text() + " is only known when the model runs",
         "Ask is_known(n) first");
  }
  if (a.is_list() && b.is_list()) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!equal(a.at(i), b.at(i), spot)) return false;
    }
    return true;
  }
  if (a.is_map() && b.is_map()) {
    if (a.keys().size() != b.keys().size()) return false;
    for (const std::string& key : a.keys()) {
      const auto other = b.get(key);
      if (!other || !equal(*a.get(key), *other, spot)) return false;
    }
    return true;
  }
  return a.block() && a.block() == b.block();
}

bool Evaluator::less(const Item& a, const Item& b, const Spot& spot) const {
  if (a.is_int() && b.is_int()) return a.as_int() < b.as_int();
  if (a.is_number() && b.is_number()) return a.value()->as_double() < b.value()->as_double();
  if (a.is_string() && b.is_string()) return a.as_string() < b.as_string();
  if (a.is_list() && b.is_list()) {
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
      if (less(a.at(i), b.at(i), spot)) return true;
      if (less(b.at(i), a.at(i), spot)) return false;
    }
    return a.size() < b.size();
  }
  if (a.as_dim() && b.as_dim()) {
    const Dim difference = difference_of(*a.as_dim(), *b.as_dim());
    if (difference.known()) return difference.value() < 0;
    fail(spot,
         "whether " + a.text() + " is less than " + b.text() + " is only known when the model runs",
         "Ask is_known(n) first");
  }
  fail(spot, std::string(a.kind_name()) + " and " + std::string(b.kind_name()) + " have no order");
}

Item Evaluator::tensor_arithmetic(const std::string& op, const Item& a, const Item& b,
                                  const Spot& spot) {
  const char* name = tensor_operator(op);
  if (!name)
    fail(spot, "'" + op + "' does not work on tensors", "Use an ONNX operator: Mod, Div, Floor");
  const graph::ElemType elem = builder_.tensor((a.is_tensor() ? a : b).tensor()).type.elem;
  const auto operand = [&](const Item& item) -> Item {
    if (item.is_tensor() || item.holds_symbol()) return item;
    if (!item.is_number() && !item.is_bool() && !item.is_list()) {
      fail(spot, "'" + op + "' on a tensor and " + item.text(), "Is an optional tensor missing");
    }
    return graph::TensorRef{builder_.constant(graph::constant_of(item, elem, spot))};
  };
  graph::OpArguments arguments;
  arguments.positional = {operand(a), operand(b)};
  return graph::TensorRef{building(spot, [&] {
    return graph::call_op(builder_, *graph::find_op(name), arguments, 1, node_scope(), spot)[0];
  })};
}

Item Evaluator::arithmetic(const std::string& op, const Item& a, const Item& b, const Spot& spot) {
  if (a.is_tensor() || b.is_tensor()) return tensor_arithmetic(op, a, b, spot);
  try {
    const auto x = a.as_dim();
    const auto y = b.as_dim();
    if (x && y && (op != "/" || a.symbol() || b.symbol())) {
      if (auto result = dim_arithmetic(op, *x, *y)) return Item(*result);
      if (a.symbol() || b.symbol())
        fail(spot, "'" + op + "' does not work on the symbolic " + (a.symbol() ? a : b).text(),
             "Symbolic integers know + - * // %");
    }
  } catch (const std::overflow_error&) {
    fail(spot, a.text() + " " + op + " " + b.text() + " does not fit 64 bits");
  } catch (const std::domain_error&) {
    fail(spot, "division by zero");
  }
  if (a.is_number() && b.is_number()) {
    if (auto result = float_arithmetic(op, a.value()->as_double(), b.value()->as_double()))
      return Value(*result);
    fail(spot, "division by zero");
  }
  if (op == "+" && a.is_string() && b.is_string()) {
    if (a.as_string().size() + b.as_string().size() > kMaxText)
      fail(spot, "text grows beyond 64 KiB");
    return Value(a.as_string() + b.as_string());
  }
  if (op == "+" && a.is_list() && b.is_list()) {
    spend(a.size() + b.size(), spot);
    Items items = a.items();
    for (Item& item : b.items()) items.push_back(std::move(item));
    return items;
  }
  if (op == "*" && ((a.is_list() && b.is_int()) || (a.is_int() && b.is_list()))) {
    const Items once = (a.is_list() ? a : b).items();
    const std::int64_t times = std::max<std::int64_t>(0, (a.is_int() ? a : b).as_int());
    if (times > 1'000'000) fail(spot, "a list is repeated more than 1,000,000 times");
    Items items;
    for (std::int64_t i = 0; i < times; ++i) {
      spend(once.size() + 1, spot);
      items.insert(items.end(), once.begin(), once.end());
    }
    return items;
  }
  fail(spot, "'" + op + "' does not work on " + std::string(a.kind_name()) + " and " +
                 std::string(b.kind_name()) + " (" + a.text() + ", " + b.text() + ")");
}

Item Evaluator::eval_unary(const Expr& expr) {
  const Item item = eval(*expr.children[0]);
  if (expr.text == "not") return Value(!truth(item, expr.spot));
  if (expr.text == "+") return item;
  if (item.is_tensor()) {
    graph::OpArguments arguments;
    arguments.positional = {item};
    return graph::TensorRef{
        graph::call_op(builder_, *graph::find_op("Neg"), arguments, 1, node_scope(), expr.spot)[0]};
  }
  if (item.value() && item.value()->is_float()) return Value(-item.value()->as_double());
  return arithmetic("-", Value(0), item, expr.spot);
}

Item Evaluator::eval_binary(const Expr& expr) {
  const std::string& op = expr.text;
  const Expr& left = *expr.children[0];
  const Expr& right = *expr.children[1];
  if (op == "??") {
    Item value = eval_or_null(left);
    return value.is_null() ? eval(right) : value;
  }
  // As in Python, the operand that decides is the result.
  if (op == "and" || op == "or") {
    Item value = eval(left);
    return truth(value, left.spot) == (op == "or") ? value : eval(right);
  }
  const Item a = eval(left);
  const Item b = eval(right);
  if (op == "==") return Value(equal(a, b, expr.spot));
  if (op == "!=") return Value(!equal(a, b, expr.spot));
  if (op == "<") return Value(less(a, b, expr.spot));
  if (op == ">") return Value(less(b, a, expr.spot));
  if (op == "<=") return Value(!less(b, a, expr.spot));
  if (op == ">=") return Value(!less(a, b, expr.spot));
  if (op == "in" || op == "not in") {
    bool found = false;
    if (b.is_list()) {
      spend(b.size(), expr.spot);
      for (std::size_t i = 0; i < b.size() && !found; ++i) found = equal(a, b.at(i), expr.spot);
    } else if (b.is_map() && a.is_string()) {
      found = b.get(a.as_string()).has_value();
    } else if (b.is_string() && a.is_string()) {
      found = b.as_string().find(a.as_string()) != std::string::npos;
    } else if (!b.is_null()) {
      fail(expr.spot, "'in' looks into lists, maps and strings, not " + b.text());
    }
    return Value(found == (op == "in"));
  }
  return arithmetic(op, a, b, expr.spot);
}

}  // namespace switchyard::recipe
