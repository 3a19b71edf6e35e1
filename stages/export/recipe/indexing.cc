// a.b, a[i], a[1:3] and `??`'s left side.
#include <algorithm>

#include "engine/text.h"
#include "stages/export/recipe/evaluator.h"

namespace switchyard::recipe {

using graph::Dim;
using graph::Item;
using graph::Items;
using graph::Subscript;

Item Evaluator::eval_or_null(const Expr& expr) {
  switch (expr.kind) {
    // A misspelt name is an error all the same: only keys and indices may be missing.
    case Expr::Kind::kMember:
      return eval_member(expr, eval_or_null(*expr.children[0]), true);
    case Expr::Kind::kIndex:
      return eval_index(expr, eval_or_null(*expr.children[0]), true);
    default:
      return eval(expr);
  }
}

Item Evaluator::eval_member(const Expr& expr, const Item& base, bool soft) {
  if (base.is_map()) {
    if (auto value = base.get(expr.text)) return *value;
    if (soft) return {};
    const Expr& owner = *expr.children[0];
    const std::string name = owner.kind == Expr::Kind::kName ? owner.text : "the map";
    std::string mend = did_you_mean(expr.text, base.keys());
    if (mend.empty())
      mend = "Give a default where it may be missing: " + name + "." + expr.text +
             " ?"
             "? 0";
    fail(expr.spot, name + " has no key '" + expr.text + "'", mend);
  }
  if (base.is_null() && soft) return {};
  fail(expr.spot, "'." + expr.text + "' asks a map, not " + base.text());
}

std::optional<Dim> Evaluator::eval_dim(const Expr* expr) {
  if (!expr) return std::nullopt;
  const Item item = eval(*expr);
  if (item.is_null()) return std::nullopt;
  const auto dim = item.as_dim();
  if (!dim) fail(expr->spot, "a slice takes integers, not " + item.text());
  return dim;
}

Item Evaluator::index_tensor(const Expr& expr, const Item& base) {
  std::vector<Subscript> subscripts;
  for (std::size_t i = 1; i < expr.children.size(); ++i) {
    const Expr& child = *expr.children[i];
    Subscript subscript;
    if (child.kind == Expr::Kind::kEllipsis) {
      subscript.kind = Subscript::Kind::kEllipsis;
    } else if (child.kind == Expr::Kind::kSlice) {
      subscript.kind = Subscript::Kind::kSlice;
      subscript.start = eval_dim(child.children[0].get());
      subscript.stop = eval_dim(child.children[1].get());
      subscript.step = eval_dim(child.children[2].get());
    } else {
      subscript.index = eval(child);
      if (subscript.index.is_null()) subscript.kind = Subscript::Kind::kNewAxis;
    }
    subscripts.push_back(std::move(subscript));
  }
  return graph::TensorRef{building(expr.spot, [&] {
    return graph::subscript(builder_, base.tensor(), subscripts, node_scope(), expr.spot);
  })};
}

Item Evaluator::slice_list(const Expr& slice, const Item& base) {
  const auto bound = [&](const ExprPtr& expr, std::int64_t otherwise) {
    const auto dim = eval_dim(expr.get());
    if (!dim) return otherwise;
    if (!dim->known()) fail(expr->spot, "a list can't be cut at the symbolic " + dim->text());
    return dim->value();
  };
  const auto length =
      static_cast<std::int64_t>(base.is_string() ? base.as_string().size() : base.size());
  const std::int64_t step = std::clamp<std::int64_t>(
      bound(slice.children[2], 1), -(std::int64_t{1} << 40), std::int64_t{1} << 40);
  if (step == 0) fail(slice.spot, "the step of a slice is 0");
  const auto clamp = [&](std::int64_t i) {
    if (i < 0) i = std::max(i, -length - 1) + length;
    return std::clamp<std::int64_t>(i, step < 0 ? -1 : 0, step < 0 ? length - 1 : length);
  };
  const std::int64_t start =
      slice.children[0] ? clamp(bound(slice.children[0], 0)) : (step > 0 ? 0 : length - 1);
  const std::int64_t stop =
      slice.children[1] ? clamp(bound(slice.children[1], 0)) : (step > 0 ? length : -1);
  spend(static_cast<std::size_t>(length), slice.spot);
  if (base.is_string()) {
    std::string text;
    for (std::int64_t i = start; step > 0 ? i < stop : i > stop; i += step)
      text += base.as_string()[static_cast<std::size_t>(i)];
    return Value(text);
  }
  Items items;
  for (std::int64_t i = start; step > 0 ? i < stop : i > stop; i += step)
    items.push_back(base.at(static_cast<std::size_t>(i)));
  return items;
}

Item Evaluator::eval_index(const Expr& expr, const Item& base, bool soft) {
  if (base.is_tensor()) return index_tensor(expr, base);
  if (base.is_null() && soft) return {};
  if (expr.children.size() != 2) fail(expr.spot, "only tensors take several indices");
  const Expr& child = *expr.children[1];
  if (!base.is_list() && !base.is_map() && !base.is_string())
    fail(expr.spot, base.text() + " can't be indexed");
  if (child.kind == Expr::Kind::kSlice && !base.is_map()) return slice_list(child, base);
  const Item index = eval(child);
  if (base.is_map()) {
    if (!index.is_string()) fail(child.spot, "a map's key is a string, not " + index.text());
    if (auto value = base.get(index.as_string())) return *value;
    if (soft) return {};
    fail(child.spot, "the map has no key '" + index.as_string() + "'",
         did_you_mean(index.as_string(), base.keys()));
  }
  if (!index.is_int()) fail(child.spot, "an index is an integer, not " + index.text());
  const auto length =
      static_cast<std::int64_t>(base.is_string() ? base.as_string().size() : base.size());
  const std::int64_t at = index.as_int() < 0 ? index.as_int() + length : index.as_int();
  if (at < 0 || at >= length) {
    if (soft) return {};
    fail(child.spot, "index " + std::to_string(index.as_int()) + " is out of range: there are " +
                         std::to_string(length) + " elements");
  }
  if (base.is_string())
    return Value(std::string(1, base.as_string()[static_cast<std::size_t>(at)]));
  return base.at(static_cast<std::size_t>(at));
}

}  // namespace switchyard::recipe
