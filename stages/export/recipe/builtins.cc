#include "stages/export/recipe/builtins.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stages/export/graph/op_call.h"
#include "stages/export/recipe/evaluator.h"

namespace switchyard::recipe {
namespace {

using graph::Dim;
using graph::Item;
using graph::ItemMap;
using graph::Items;

constexpr std::size_t kMany = 1000;

[[noreturn]] void fail(const BuiltinCall& call, std::string what, std::string mend = {}) {
  call.evaluator.fail(call.spot, std::move(what), std::move(mend));
}

const Item& arg(const BuiltinCall& call, std::size_t i) { return call.arguments[i]; }
bool has(const BuiltinCall& call, std::size_t i) { return call.arguments.size() > i; }

Items list_arg(BuiltinCall& call, std::size_t i) {
  if (!arg(call, i).is_list()) fail(call, "expected a list, found " + arg(call, i).text());
  call.evaluator.spend(arg(call, i).size(), call.spot);
  return arg(call, i).items();
}

std::int64_t int_arg(const BuiltinCall& call, std::size_t i) {
  if (arg(call, i).symbol()) {
    fail(call, "expected a known integer, found the symbolic " + arg(call, i).text(),
         "This size is only known when the model runs");
  }
  if (!arg(call, i).is_int()) fail(call, "expected an integer, found " + arg(call, i).text());
  return arg(call, i).as_int();
}

double number_arg(const BuiltinCall& call, std::size_t i) {
  if (!arg(call, i).is_number()) fail(call, "expected a number, found " + arg(call, i).text());
  return arg(call, i).value()->as_double();
}

const std::string& text_arg(const BuiltinCall& call, std::size_t i) {
  if (!arg(call, i).is_string()) fail(call, "expected a string, found " + arg(call, i).text());
  return arg(call, i).as_string();
}

Item rounded(BuiltinCall& call, double (*function)(double)) {
  if (arg(call, 0).as_dim()) return arg(call, 0);
  const double value = function(number_arg(call, 0));
  if (!(std::abs(value) < 9.2e18)) fail(call, "the result is no 64-bit integer");
  return Value(static_cast<std::int64_t>(value));
}

Item floating(BuiltinCall& call, double (*function)(double)) {
  const double value = function(number_arg(call, 0));
  if (std::isnan(value)) fail(call, arg(call, 0).text() + " is outside the function's domain");
  return Value(value);
}

// The arguments, or the elements of the only one.
Items values(BuiltinCall& call) {
  if (call.arguments.size() == 1 && arg(call, 0).is_list()) return list_arg(call, 0);
  return call.arguments;
}

Item range(BuiltinCall& call) {
  std::int64_t start = 0;
  std::int64_t stop = int_arg(call, 0);
  std::int64_t step = 1;
  if (has(call, 1)) {
    start = stop;
    stop = int_arg(call, 1);
  }
  if (has(call, 2)) step = int_arg(call, 2);
  if (step == 0) fail(call, "the step of a range is 0");
  Items items;
  for (std::int64_t i = start; step > 0 ? i < stop : i > stop;) {
    call.evaluator.spend(1, call.spot);
    items.emplace_back(Value(i));
    if (__builtin_add_overflow(i, step, &i)) break;
  }
  return items;
}

Item len(BuiltinCall& call) {
  const Item& item = arg(call, 0);
  if (item.is_list()) return Value(static_cast<std::int64_t>(item.size()));
  if (item.is_map()) return Value(static_cast<std::int64_t>(item.keys().size()));
  if (item.is_string()) return Value(static_cast<std::int64_t>(item.as_string().size()));
  fail(call, std::string(item.kind_name()) + " has no length");
}

Item zip(BuiltinCall& call) {
  std::vector<Items> lists;
  std::size_t shortest = std::numeric_limits<std::size_t>::max();
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    lists.push_back(list_arg(call, i));
    shortest = std::min(shortest, lists.back().size());
  }
  Items result;
  for (std::size_t i = 0; i < shortest; ++i) {
    Items row;
    for (const Items& list : lists) row.push_back(list[i]);
    result.emplace_back(std::move(row));
  }
  return result;
}

Item enumerate(BuiltinCall& call) {
  Items result;
  std::int64_t i = 0;
  for (const Item& item : list_arg(call, 0)) result.emplace_back(Items{Item(Value(i++)), item});
  return result;
}

Item extreme(BuiltinCall& call, bool largest) {
  const Items items = values(call);
  if (items.empty()) fail(call, "an empty list has no smallest or largest element");
  Item best = items[0];
  for (std::size_t i = 1; i < items.size(); ++i) {
    if (best.symbol() || items[i].symbol()) {
      const auto a = best.as_dim();
      const auto b = items[i].as_dim();
      if (!a || !b) fail(call, "a symbolic integer can only be compared with integers");
      best = Item(largest ? maximum(*a, *b) : minimum(*a, *b));
      continue;
    }
    const bool better = largest ? call.evaluator.less(best, items[i], call.spot)
                                : call.evaluator.less(items[i], best, call.spot);
    if (better) best = items[i];
  }
  return best;
}

Item sum(BuiltinCall& call) {
  Item total{Value(0)};
  for (const Item& item : list_arg(call, 0))
    total = call.evaluator.arithmetic("+", total, item, call.spot);
  return total;
}

Item to_int(BuiltinCall& call) {
  const Item& item = arg(call, 0);
  if (item.as_dim()) return item;
  if (item.is_bool()) return Value(item.value()->as_bool() ? 1 : 0);
  if (item.is_string()) {
    try {
      std::size_t used = 0;
      const std::int64_t value = std::stoll(item.as_string(), &used);
      if (used == item.as_string().size()) return Value(value);
    } catch (const std::logic_error&) {
      // Said below, with the text.
    }
    fail(call, "'" + item.as_string() + "' is not an integer");
  }
  return rounded(call, std::trunc);
}

Item to_float(BuiltinCall& call) {
  const Item& item = arg(call, 0);
  if (item.is_string()) {
    try {
      std::size_t used = 0;
      const double value = std::stod(item.as_string(), &used);
      if (used == item.as_string().size()) return Value(value);
    } catch (const std::logic_error&) {
      // Said below, with the text.
    }
    fail(call, "'" + item.as_string() + "' is not a number");
  }
  return Value(number_arg(call, 0));
}

Item to_str(BuiltinCall& call) {
  const Item& item = arg(call, 0);
  if (item.is_string()) return item;
  if (!item.value()) fail(call, std::string(item.kind_name()) + " has no text");
  return Value(item.value()->to_json());
}

// Ties to even, as Python rounds.
Item round(BuiltinCall& call) {
  if (!has(call, 1)) return rounded(call, [](double x) { return std::nearbyint(x); });
  const double scale = std::pow(10.0, static_cast<double>(int_arg(call, 1)));
  return Value(std::nearbyint(number_arg(call, 0) * scale) / scale);
}

Item absolute(BuiltinCall& call) {
  if (arg(call, 0).is_int()) {
    if (arg(call, 0).as_int() == std::numeric_limits<std::int64_t>::min())
      fail(call, "the result does not fit 64 bits");
    return Value(std::abs(arg(call, 0).as_int()));
  }
  return Value(std::abs(number_arg(call, 0)));
}

Item reversed(BuiltinCall& call) {
  Items items = list_arg(call, 0);
  std::reverse(items.begin(), items.end());
  return items;
}

Item sorted(BuiltinCall& call) {
  Items items = list_arg(call, 0);
  std::stable_sort(items.begin(), items.end(), [&](const Item& a, const Item& b) {
    return call.evaluator.less(a, b, call.spot);
  });
  return items;
}

Item any_of(BuiltinCall& call) {
  for (const Item& item : list_arg(call, 0)) {
    if (call.evaluator.truth(item, call.spot)) return Value(true);
  }
  return Value(false);
}

Item all_of(BuiltinCall& call) {
  for (const Item& item : list_arg(call, 0)) {
    if (!call.evaluator.truth(item, call.spot)) return Value(false);
  }
  return Value(true);
}

Item split(BuiltinCall& call) {
  const std::string& text = text_arg(call, 0);
  const std::string& separator = text_arg(call, 1);
  if (separator.empty()) fail(call, "the separator is empty");
  Items parts;
  std::size_t begin = 0;
  for (std::size_t at; (at = text.find(separator, begin)) != std::string::npos;
       begin = at + separator.size()) {
    parts.emplace_back(Value(text.substr(begin, at - begin)));
  }
  parts.emplace_back(Value(text.substr(begin)));
  call.evaluator.spend(parts.size(), call.spot);
  return parts;
}

Item replace(BuiltinCall& call) {
  const std::string& text = text_arg(call, 0);
  const std::string& from = text_arg(call, 1);
  const std::string& to = text_arg(call, 2);
  if (from.empty()) fail(call, "the text to replace is empty");
  std::string result;
  std::size_t begin = 0;
  for (std::size_t at; (at = text.find(from, begin)) != std::string::npos;
       begin = at + from.size()) {
    result += text.substr(begin, at - begin) + to;
    call.evaluator.spend(1 + to.size() / 64, call.spot);
  }
  return Value(result + text.substr(begin));
}

Item starts_with(BuiltinCall& call) {
  return Value(text_arg(call, 0).starts_with(text_arg(call, 1)));
}
Item ends_with(BuiltinCall& call) { return Value(text_arg(call, 0).ends_with(text_arg(call, 1))); }

Item lower(BuiltinCall& call) {
  std::string text = text_arg(call, 0);
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return Value(text);
}

Item first(BuiltinCall& call) {
  if (call.arguments.size() == 1 && arg(call, 0).is_list()) {
    if (arg(call, 0).size() == 0) fail(call, "an empty list has no first element");
    return arg(call, 0).at(0);
  }
  for (const Item& item : call.arguments) {
    if (!item.is_null()) return item;
  }
  return {};
}

Item keys(BuiltinCall& call) {
  if (!arg(call, 0).is_map()) fail(call, "expected a map, found " + arg(call, 0).text());
  Items items;
  for (std::string& key : arg(call, 0).keys()) items.emplace_back(Value(std::move(key)));
  return items;
}

Item map_values(BuiltinCall& call) {
  if (!arg(call, 0).is_map()) fail(call, "expected a map, found " + arg(call, 0).text());
  Items items;
  for (const std::string& key : arg(call, 0).keys()) items.push_back(*arg(call, 0).get(key));
  return items;
}

Item has_key(BuiltinCall& call) {
  if (arg(call, 0).is_null()) return Value(false);
  if (!arg(call, 0).is_map()) fail(call, "expected a map, found " + arg(call, 0).text());
  return Value(arg(call, 0).get(text_arg(call, 1)).has_value());
}

Item merge(BuiltinCall& call) {
  ItemMap result;
  for (const Item& map : call.arguments) {
    if (map.is_null()) continue;
    if (!map.is_map()) fail(call, "expected a map, found " + map.text());
    for (const std::string& key : map.keys()) {
      const auto at = std::find_if(result.begin(), result.end(),
                                   [&](const auto& entry) { return entry.first == key; });
      if (at == result.end()) {
        result.emplace_back(key, *map.get(key));
      } else {
        at->second = *map.get(key);
      }
    }
  }
  return result;
}

Item error(BuiltinCall& call) {
  call.evaluator.fail(call.spot, text_arg(call, 0), {}, ErrorKind::kModel);
}

Item warn(BuiltinCall& call) {
  call.evaluator.warn(text_arg(call, 0));
  return {};
}

const graph::TensorType& tensor_type(const BuiltinCall& call) {
  if (!arg(call, 0).is_tensor()) fail(call, "expected a tensor, found " + arg(call, 0).text());
  return call.evaluator.builder().tensor(arg(call, 0).tensor()).type;
}

Item shape(BuiltinCall& call) {
  const graph::TensorType& type = tensor_type(call);
  if (!type.ranked) fail(call, "the rank of this tensor is not known");
  Items items;
  for (const Dim& dim : type.shape) items.emplace_back(dim);
  return items;
}

Item rank(BuiltinCall& call) {
  const graph::TensorType& type = tensor_type(call);
  if (!type.ranked) fail(call, "the rank of this tensor is not known");
  return Value(static_cast<std::int64_t>(type.shape.size()));
}

Item dtype(BuiltinCall& call) { return Value(elem_name(tensor_type(call).elem)); }

Item known(BuiltinCall& call) { return Value(!arg(call, 0).symbol()); }
Item is_tensor(BuiltinCall& call) { return Value(arg(call, 0).is_tensor()); }
Item is_list(BuiltinCall& call) { return Value(arg(call, 0).is_list()); }

Item constant(BuiltinCall& call) {
  const Item& item = arg(call, 0);
  graph::ElemType elem = graph::ElemType::kUndefined;
  if (has(call, 1)) {
    const auto named = graph::elem_from_name(text_arg(call, 1));
    if (!named)
      fail(call, "'" + arg(call, 1).as_string() + "' is no element type",
           "float32, int64, bool ...");
    elem = *named;
  } else {
    elem = graph::natural_elem(item, call.spot);
  }
  return graph::TensorRef{
      call.evaluator.builder().constant(graph::constant_of(item, elem, call.spot))};
}

constexpr Builtin kBuiltins[] = {
    {"abs", 1, 1, "abs(x): the magnitude of a number", absolute},
    {"all", 1, 1, "all(list): whether every element is true", all_of},
    {"any", 1, 1, "any(list): whether some element is true", any_of},
    {"ceil", 1, 1, "ceil(x): the next integer up",
     [](BuiltinCall& c) { return rounded(c, std::ceil); }},
    {"constant", 1, 2, "constant(values, dtype?): numbers or nested lists as a constant tensor",
     constant},
    {"dtype", 1, 1, "dtype(tensor): the name of its element type, such as 'float32'", dtype},
    {"endswith", 2, 2, "endswith(s, end): whether a string ends so", ends_with},
    {"enumerate", 1, 1, "enumerate(list): [[0, first], [1, second], ...]", enumerate},
    {"error", 1, 1, "error(message): stops the export with this message", error},
    {"first", 1, kMany,
     "first(list): its first element; first(a, b, ...): the first that is not null", first},
    {"float", 1, 1, "float(x): a number or a string as a float", to_float},
    {"floor", 1, 1, "floor(x): the next integer down",
     [](BuiltinCall& c) { return rounded(c, std::floor); }},
    {"has", 2, 2, "has(map, key): whether the map has the key; false for null", has_key},
    {"int", 1, 1, "int(x): a number (cut towards zero), a boolean or a string as an integer",
     to_int},
    {"is_known", 1, 1, "is_known(n): whether an integer is known at export", known},
    {"is_list", 1, 1, "is_list(x): whether x is a list", is_list},
    {"is_tensor", 1, 1, "is_tensor(x): whether x is a tensor", is_tensor},
    {"keys", 1, 1, "keys(map): its keys in order", keys},
    {"len", 1, 1, "len(x): the length of a list, a map or a string", len},
    {"log", 1, 1, "log(x): the natural logarithm",
     [](BuiltinCall& c) { return floating(c, std::log); }},
    {"lower", 1, 1, "lower(s): the string in lower case", lower},
    {"max", 1, kMany, "max(list) or max(a, b, ...): the largest; integers may be symbolic",
     [](BuiltinCall& c) { return extreme(c, true); }},
    {"merge", 1, kMany, "merge(map, map, ...): one map, later keys winning", merge},
    {"min", 1, kMany, "min(list) or min(a, b, ...): the smallest; integers may be symbolic",
     [](BuiltinCall& c) { return extreme(c, false); }},
    {"range", 1, 3, "range(stop) or range(start, stop, step): a list of integers", range},
    {"rank", 1, 1, "rank(tensor): the number of its dimensions", rank},
    {"replace", 3, 3, "replace(s, a, b): the string with every a replaced by b", replace},
    {"reversed", 1, 1, "reversed(list): the list from its end", reversed},
    {"round", 1, 2, "round(x) or round(x, digits): the nearest integer, halves to the even one",
     round},
    {"shape", 1, 1,
     "shape(tensor): its dimensions; those not known at export are symbolic integers", shape},
    {"sorted", 1, 1, "sorted(list): in ascending order", sorted},
    {"split", 2, 2, "split(s, separator): the parts of a string", split},
    {"sqrt", 1, 1, "sqrt(x): the square root",
     [](BuiltinCall& c) { return floating(c, std::sqrt); }},
    {"startswith", 2, 2, "startswith(s, start): whether a string starts so", starts_with},
    {"str", 1, 1, "str(x): a value as text", to_str},
    {"sum", 1, 1, "sum(list): of numbers, symbolic integers or tensors", sum},
    {"values", 1, 1, "values(map): its values in order", map_values},
    {"warn", 1, 1, "warn(message): shows a warning and goes on", warn},
    {"zip", 1, kMany, "zip(list, list, ...): [[a0, b0], [a1, b1], ...], as long as the shortest",
     zip},
};

}  // namespace

std::span<const Builtin> builtins() { return kBuiltins; }

const Builtin* find_builtin(std::string_view name) {
  const auto at = std::lower_bound(std::begin(kBuiltins), std::end(kBuiltins), name,
                                   [](const Builtin& b, std::string_view n) { return b.name < n; });
  return at != std::end(kBuiltins) && at->name == name ? at : nullptr;
}

}  // namespace switchyard::recipe
