#include "engine/condition.h"

#include <algorithm>

#include "engine/pattern.h"
#include "engine/text.h"

namespace switchyard {

namespace {

const Value kNull;

bool contains(const Value& whole, const Value& part) {
  if (whole.is_list()) {
    const List& list = whole.as_list();
    return std::find(list.begin(), list.end(), part) != list.end();
  }
  if (!part.is_string()) return false;
  if (whole.is_string()) return whole.as_string().find(part.as_string()) != std::string::npos;
  return whole.find(part.as_string()) != nullptr;
}

// The number of items, entries or bytes; -1 for what has no length.
std::int64_t length(const Value& value) {
  if (value.is_list()) return static_cast<std::int64_t>(value.as_list().size());
  if (value.is_map()) return static_cast<std::int64_t>(value.as_map().size());
  if (value.is_string()) return static_cast<std::int64_t>(value.as_string().size());
  return -1;
}

template <typename Compare>
bool compare_numbers(const Value& a, const Value& b, Compare compare) {
  if (a.is_int() && b.is_int()) return compare(a.as_int(), b.as_int());
  return a.is_number() && b.is_number() && compare(a.as_double(), b.as_double());
}

template <typename Compare>
bool compare_strings(const Value& a, const Value& b, Compare compare) {
  return a.is_string() && b.is_string() && compare(a.as_string(), b.as_string());
}

}  // namespace

bool is_absent(const Value* value) {
  return value == nullptr || value->is_null() || length(*value) == 0;
}

bool Test::holds(const Value* maybe, const Facts& facts) const {
  const Value& value = maybe != nullptr ? *maybe : kNull;
  const Value* other = &operand;
  if (operand_fact) {
    other = operand_fact->read(facts);
    if (other == nullptr) other = &kNull;
  }
  switch (op) {
    case Op::kEqual:
      return value == *other;
    case Op::kNotEqual:
      return !(value == *other);
    case Op::kIn:
      return operand_fact ? other->is_list() && contains(*other, value)
                          : members.find(value) != members.end();
    case Op::kAbsent:
      return is_absent(&value);
    case Op::kPresent:
      return !is_absent(&value);
    case Op::kIEquals:
      return compare_strings(value, *other, [](auto& a, auto& b) { return iequals(a, b); });
    case Op::kFoldsTo:
      return compare_strings(value, *other, [](auto& a, auto& b) { return folds_to(a, b); });
    case Op::kMatches:
      return value.is_string() && pattern->matches(value.as_string());
    case Op::kLess:
      return compare_numbers(value, *other, [](auto a, auto b) { return a < b; });
    case Op::kLessEqual:
      return compare_numbers(value, *other, [](auto a, auto b) { return a <= b; });
    case Op::kGreater:
      return compare_numbers(value, *other, [](auto a, auto b) { return a > b; });
    case Op::kGreaterEqual:
      return compare_numbers(value, *other, [](auto a, auto b) { return a >= b; });
    case Op::kLongerThan:
      return other->is_int() && length(value) > other->as_int();
    case Op::kShorterThan:
      return other->is_int() && length(value) >= 0 && length(value) < other->as_int();
    case Op::kContains:
      return contains(value, *other);
    case Op::kStartsWith:
      return compare_strings(value, *other, [](auto& a, auto& b) { return a.starts_with(b); });
    case Op::kEndsWith:
      return compare_strings(value, *other, [](auto& a, auto& b) { return a.ends_with(b); });
    case Op::kSome:
      return value.is_list() &&
             std::any_of(value.as_list().begin(), value.as_list().end(),
                         [&](const Value& item) { return parts[0].holds(&item, facts); });
    case Op::kNot:
      return !parts[0].holds(maybe, facts);
    case Op::kAny:
      return std::any_of(parts.begin(), parts.end(),
                         [&](const Test& part) { return part.holds(maybe, facts); });
    case Op::kAll:
      return std::all_of(parts.begin(), parts.end(),
                         [&](const Test& part) { return part.holds(maybe, facts); });
  }
  return false;
}

bool holds(const Conjunction& conditions, const Facts& facts) {
  return std::all_of(conditions.begin(), conditions.end(),
                     [&](const Clause& clause) { return clause.holds(facts); });
}

bool Clause::holds(const Facts& facts) const {
  const auto branch_holds = [&](const Conjunction& branch) {
    return switchyard::holds(branch, facts);
  };
  switch (kind) {
    case Kind::kColumn:
      return test.holds(column.read(facts), facts);
    case Kind::kAny:
      return std::any_of(branches.begin(), branches.end(), branch_holds);
    case Kind::kAll:
      return std::all_of(branches.begin(), branches.end(), branch_holds);
    case Kind::kNot:
      return !branch_holds(branches[0]);
  }
  return false;
}

}  // namespace switchyard
