// Numbers and lists of a recipe as constant tensors.
#include <algorithm>
#include <cmath>

#include "stages/export/graph/half.h"
#include "stages/export/graph/op_call.h"

namespace switchyard::graph {
namespace {

constexpr std::size_t kMaxElements = 4'000'000;

[[noreturn]] void fail(const recipe::Spot& spot, std::string what, std::string mend = {}) {
  throw Error(ErrorKind::kUsage, spot.place(), std::move(what), std::move(mend));
}

template <typename T>
void append(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename T>
void append_int(std::string& bytes, const Value& value, ElemType elem, const recipe::Spot& spot) {
  if (value.is_bool()) return append<T>(bytes, static_cast<T>(value.as_bool() ? 1 : 0));
  std::int64_t number = 0;
  if (value.is_int()) {
    number = value.as_int();
  } else if (value.as_double() == std::floor(value.as_double()) &&
             std::abs(value.as_double()) < 9e18) {
    number = static_cast<std::int64_t>(value.as_double());
  } else {
    fail(spot, value.to_json() + " can't be an element of an " + std::string(elem_name(elem)) +
                   " tensor");
  }
  const T narrow = static_cast<T>(number);
  if (static_cast<std::int64_t>(narrow) != number) {
    fail(spot, value.to_json() + " does not fit " + std::string(elem_name(elem)));
  }
  append<T>(bytes, narrow);
}

void append_element(std::string& bytes, const Value& value, ElemType elem,
                    const recipe::Spot& spot) {
  if (!value.is_number() && !value.is_bool())
    fail(spot, "a tensor holds numbers, not " + value.to_json());
  const double number = value.is_bool() ? (value.as_bool() ? 1.0 : 0.0) : value.as_double();
  switch (elem) {
    case ElemType::kFloat:
      return append(bytes, static_cast<float>(number));
    case ElemType::kDouble:
      return append(bytes, number);
    case ElemType::kFloat16:
      return append(bytes, float_to_half(static_cast<float>(number)));
    case ElemType::kBfloat16:
      return append(bytes, float_to_bfloat16(static_cast<float>(number)));
    case ElemType::kBool:
      return append(bytes, static_cast<std::uint8_t>(number != 0));
    case ElemType::kInt64:
      return append_int<std::int64_t>(bytes, value, elem, spot);
    case ElemType::kInt32:
      return append_int<std::int32_t>(bytes, value, elem, spot);
    case ElemType::kInt16:
      return append_int<std::int16_t>(bytes, value, elem, spot);
    case ElemType::kInt8:
      return append_int<std::int8_t>(bytes, value, elem, spot);
    case ElemType::kUint8:
      return append_int<std::uint8_t>(bytes, value, elem, spot);
    case ElemType::kUint16:
      return append_int<std::uint16_t>(bytes, value, elem, spot);
    case ElemType::kUint32:
      return append_int<std::uint32_t>(bytes, value, elem, spot);
    default:
      fail(spot, "a constant can't be of type " + std::string(elem_name(elem)));
  }
}

void append_all(Constant& constant, const Item& item, std::size_t depth, const recipe::Spot& spot) {
  if (!item.is_list()) {
    if (depth != constant.shape.size()) fail(spot, "the lists of a constant have different depths");
    if (!item.value())
      fail(spot, std::string(item.kind_name()) + " can't be an element of a constant");
    append_element(constant.bytes, *item.value(), constant.elem, spot);
    if (constant.bytes.size() > kMaxElements * 8)
      fail(spot, "a constant has more than 4,000,000 elements");
    return;
  }
  if (depth == constant.shape.size()) fail(spot, "the lists of a constant have different depths");
  if (static_cast<std::int64_t>(item.size()) != constant.shape[depth]) {
    fail(spot, "the lists of a constant have different lengths");
  }
  for (std::size_t i = 0; i < item.size(); ++i) append_all(constant, item.at(i), depth + 1, spot);
}

// The widest kind among the elements decides: float, then integer, then boolean.
enum class Kind { kNone, kBool, kInt, kFloat, kOther };

Kind widest(const Item& item) {
  if (!item.is_list()) {
    if (item.is_bool()) return Kind::kBool;
    if (item.is_int()) return Kind::kInt;
    return item.is_number() ? Kind::kFloat : Kind::kOther;
  }
  Kind kind = Kind::kNone;
  for (std::size_t i = 0; i < item.size(); ++i) kind = std::max(kind, widest(item.at(i)));
  return kind;
}

}  // namespace

ElemType natural_elem(const Item& item, const recipe::Spot& spot) {
  switch (widest(item)) {
    case Kind::kNone:
      return ElemType::kInt64;  // an empty list: no axes, no padding
    case Kind::kBool:
      return ElemType::kBool;
    case Kind::kInt:
      return ElemType::kInt64;
    case Kind::kFloat:
      return ElemType::kFloat;
    case Kind::kOther:
      break;
  }
  fail(spot, item.text() + " can't be a tensor");
}

Constant constant_of(const Item& item, ElemType elem, const recipe::Spot& spot) {
  Constant constant;
  constant.elem = elem;
  for (Item level = item; level.is_list();) {
    constant.shape.push_back(static_cast<std::int64_t>(level.size()));
    if (level.size() == 0) break;
    level = level.at(0);
  }
  append_all(constant, item, 0, spot);
  return constant;
}

}  // namespace switchyard::graph
