#include "engine/check/column_solver.h"

#include <algorithm>
#include <string>

#include "engine/check/pattern_sample.h"
#include "engine/pattern.h"
#include "engine/text.h"

namespace switchyard {

namespace {

using Op = Test::Op;

constexpr std::int64_t kLongest = 4096;  // of texts and lists made to have a length

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return text;
}

// A value of each kind that no test is likely to name.
const std::vector<Value>& one_of_each_kind() {
  static const std::vector<Value> values{
      "",   "any other text", true,           false,        7919,
      -0.5, Value(List{}),    Value(List{1}), Value(Map{}), Value(Map{{"a", 1}})};
  return values;
}

// The values that could tell the tests of a column apart, the likelier examples first.
class Candidates {
 public:
  explicit Candidates(const std::vector<ColumnLiteral>& literals) {
    values_ = {nullptr};
    for (const ColumnLiteral& literal : literals) {
      is_folding_ =
          is_folding_ || literal.test->op == Op::kIEquals || literal.test->op == Op::kFoldsTo;
    }
    for (const ColumnLiteral& literal : literals) add(*literal.test);
    add_texts();
    add_numbers();
    for (const Value& value : one_of_each_kind()) values_.push_back(value);
  }

  const std::vector<Value>& values() const { return values_; }

 private:
  void add(const Test& test) {
    if (test.operand_fact) return;
    switch (test.op) {
      case Op::kIn:
        for (const Value& member : test.members) add_operand(member);
        break;
      case Op::kLongerThan:
      case Op::kShorterThan:
        for (const std::int64_t off : {-1, 0, 1}) add_length(test.operand.as_int() + off);
        break;
      case Op::kContains:
        values_.push_back(List{test.operand});
        if (test.operand.is_string()) {
          inner_.push_back(test.operand.as_string());
          values_.push_back(Map{{test.operand.as_string(), true}});
        }
        break;
      case Op::kStartsWith:
        starts_.push_back(test.operand.as_string());
        break;
      case Op::kEndsWith:
        ends_.push_back(test.operand.as_string());
        break;
      case Op::kMatches:
        for (std::string& sample : pattern_samples(*test.pattern)) {
          values_.emplace_back(std::move(sample));
        }
        break;
      case Op::kSome: {
        const Candidates items({{&test.parts[0], false}});
        for (const Value& item : items.values()) values_.push_back(List{item});
        break;
      }
      case Op::kAny:
      case Op::kAll:
      case Op::kNot:
        for (const Test& part : test.parts) add(part);
        break;
      default:
        add_operand(test.operand);
    }
  }

  void add_operand(const Value& value) {
    values_.push_back(value);
    if (value.is_number()) numbers_.push_back(value.as_double());
    if (!value.is_string() || !is_folding_) return;
    const std::string& text = value.as_string();
    const std::string folded = fold(text);
    std::string dashed = folded;
    std::replace(dashed.begin(), dashed.end(), '_', '-');
    std::string capital = folded;
    if (!capital.empty()) capital[0] = upper(capital.substr(0, 1))[0];
    for (const std::string& spelling :
         {folded, dashed, capital, upper(text), " " + text, " " + upper(text)}) {
      values_.emplace_back(spelling);
    }
  }

  void add_length(std::int64_t length) {
    if (length < 0 || length > kLongest) return;
    values_.emplace_back(std::string(static_cast<std::size_t>(length), 'x'));
    values_.emplace_back(List(static_cast<std::size_t>(length), Value(1)));
  }

  // Every beginning with every middle and every end.
  void add_texts() {
    if (starts_.empty() && ends_.empty() && inner_.empty()) return;
    for (auto* part : {&starts_, &ends_, &inner_}) part->emplace_back();
    for (const std::string& start : starts_) {
      for (const std::string& end : ends_) {
        for (const std::string& inner : inner_) {
          values_.emplace_back(start + inner + end);
          values_.emplace_back(start + "x" + inner + "x" + end);
        }
      }
    }
  }

  // Beside each number, and between each two.
  void add_numbers() {
    std::sort(numbers_.begin(), numbers_.end());
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      const double number = numbers_[i];
      for (const double off : {-1.0, -0.25, 0.25, 1.0}) values_.emplace_back(number + off);
      if (i > 0) values_.emplace_back((numbers_[i - 1] + number) / 2);
    }
  }

  std::vector<Value> values_;
  std::vector<std::string> starts_, ends_, inner_;
  std::vector<double> numbers_;
  bool is_folding_ = false;
};

// Whether the candidates hold a value of every kind that this test tells apart.
bool is_complete(Op op) {
  switch (op) {
    case Op::kEqual:
    case Op::kNotEqual:
    case Op::kIn:
    case Op::kAbsent:
    case Op::kPresent:
    case Op::kIEquals:
    case Op::kFoldsTo:
    case Op::kLess:
    case Op::kLessEqual:
    case Op::kGreater:
    case Op::kGreaterEqual:
      return true;
    default:
      return false;
  }
}

// A test that few values meet, all of them candidates.
bool is_finite(const ColumnLiteral& literal) {
  const Test& test = *literal.test;
  if (test.operand_fact) return false;
  if (literal.negated) return test.op == Op::kNotEqual || test.op == Op::kPresent;
  return test.op == Op::kEqual || test.op == Op::kIn || test.op == Op::kAbsent;
}

// Two patterns of which one only matches texts that sort before all that the other one matches.
bool patterns_exclude_each_other(const std::vector<ColumnLiteral>& literals) {
  std::string highest_start, lowest_end;
  bool has_end = false;
  for (const ColumnLiteral& literal : literals) {
    if (literal.negated || literal.test->op != Op::kMatches) continue;
    const auto range = literal.test->pattern->range();
    if (!range) continue;
    highest_start = std::max(highest_start, range->first);
    lowest_end = has_end ? std::min(lowest_end, range->second) : range->second;
    has_end = true;
  }
  return has_end && highest_start > lowest_end;
}

}  // namespace

ColumnAnswer solve_column(const std::vector<ColumnLiteral>& literals,
                          const std::vector<Value>* allowed) {
  const Facts none;
  const auto meets_all = [&](const Value& value) {
    return std::all_of(literals.begin(), literals.end(), [&](const ColumnLiteral& literal) {
      return literal.test->operand_fact || literal.test->holds(&value, none) != literal.negated;
    });
  };
  const auto try_all = [&](const std::vector<Value>& values) -> const Value* {
    const auto found = std::find_if(values.begin(), values.end(), meets_all);
    return found != values.end() ? &*found : nullptr;
  };
  if (allowed != nullptr) {
    if (const Value* value = try_all(*allowed)) return {Verdict::kPossible, *value};
    return {meets_all(Value()) ? Verdict::kPossible : Verdict::kImpossible, {}};
  }
  // A named value makes a better example than a made-up one.
  for (const ColumnLiteral& literal : literals) {
    if (literal.negated || literal.test->operand_fact) continue;
    if (literal.test->op == Op::kEqual && meets_all(literal.test->operand)) {
      return {Verdict::kPossible, literal.test->operand};
    }
  }
  const Candidates candidates(literals);
  if (const Value* value = try_all(candidates.values())) return {Verdict::kPossible, *value};
  const bool proven =
      std::any_of(literals.begin(), literals.end(), is_finite) ||
      std::all_of(literals.begin(), literals.end(),
                  [](const ColumnLiteral& literal) { return is_complete(literal.test->op); }) ||
      patterns_exclude_each_other(literals);
  return {proven ? Verdict::kImpossible : Verdict::kUnknown, {}};
}

}  // namespace switchyard
