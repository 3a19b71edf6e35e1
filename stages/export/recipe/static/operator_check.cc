// Calls of ONNX operators, as stages/export/graph/op_call.cc will read them.
#include <algorithm>
#include <set>
#include <vector>

#include "engine/text.h"
#include "stages/export/graph/graph.h"
#include "stages/export/graph/op_schema.h"
#include "stages/export/recipe/static/call_check.h"

namespace switchyard::recipe {
namespace {

using graph::OpAttribute;
using graph::OpParameter;
using graph::OpSignature;
using Kind = Expr::Kind;

constexpr const char* kKind = "operator";

// A literal, or the literal behind a sign; other expressions have no value yet.
const Expr& behind_sign(const Expr& expr) {
  return expr.kind == Kind::kUnary && expr.text != "not" ? *expr.children[0] : expr;
}

enum class Form { kUnknown, kNull, kInt, kFloat, kText, kList, kMap, kWeight };

Form form_of(const Expr& written) {
  switch (behind_sign(written).kind) {
    case Kind::kNull:
      return Form::kNull;
    case Kind::kBool:
    case Kind::kInt:
      return Form::kInt;
    case Kind::kFloat:
      return Form::kFloat;
    case Kind::kString:
      return Form::kText;
    case Kind::kList:
    case Kind::kComprehension:
      return Form::kList;
    case Kind::kMap:
      return Form::kMap;
    case Kind::kWeight:
      return Form::kWeight;
    default:
      return Form::kUnknown;
  }
}

// What the attribute wants, where the argument can't be that; else null.
const char* wrong_form(const OpAttribute& attribute, const Expr& written) {
  const Form form = form_of(written);
  if (form == Form::kUnknown || form == Form::kNull) return nullptr;
  switch (attribute.type) {
    case OpAttribute::Type::kInt:
      if (form == Form::kText) {
        return graph::elem_from_name(written.text) ? nullptr : "an integer or a type's name";
      }
      return form == Form::kInt ? nullptr : "an integer";
    case OpAttribute::Type::kFloat:
      return form == Form::kInt || form == Form::kFloat ? nullptr : "a number";
    case OpAttribute::Type::kString:
      return form == Form::kText ? nullptr : "a string";
    case OpAttribute::Type::kInts:
      return form == Form::kInt || form == Form::kList ? nullptr : "a list of integers";
    case OpAttribute::Type::kFloats:
      return form == Form::kInt || form == Form::kFloat || form == Form::kList
                 ? nullptr
                 : "a list of numbers";
    case OpAttribute::Type::kStrings:
      return form == Form::kText || form == Form::kList ? nullptr : "a list of strings";
    case OpAttribute::Type::kTensor:
    case OpAttribute::Type::kOther:
      return nullptr;
  }
  return nullptr;
}

class OperatorCall {
 public:
  OperatorCall(const OpSignature& op, const Expr& expr, Findings& findings)
      : op_(op), expr_(expr), findings_(findings) {}

  void check(std::size_t wanted) {
    for (const Argument& argument : expr_.args) {
      if (argument.name.empty()) {
        positional(argument);
      } else if (argument.name == "outputs") {
        wanted = 0;
      } else {
        named(argument);
      }
    }
    if (!strangers_) required();
    if (wanted > static_cast<std::size_t>(op_.max_outputs)) {
      fail(expr_.spot, "has " + std::to_string(op_.max_outputs) + " outputs, " +
                           std::to_string(wanted) + " are taken");
    }
  }

 private:
  void fail(const Spot& spot, const std::string& what, std::string mend = {}) {
    findings_.error(spot, kKind, op_.name + ": " + what, std::move(mend));
  }

  std::string input_names() const {
    std::vector<std::string> names;
    for (const OpParameter& input : op_.inputs) names.push_back(input.name);
    return names.empty() ? "It has no inputs" : "Its inputs are " + join_names(names);
  }

  void positional(const Argument& argument) {
    const bool variadic =
        !op_.inputs.empty() && op_.inputs.back().variadic && positional_ + 1 >= op_.inputs.size();
    if (variadic) return void(++positional_);
    if (positional_ >= op_.inputs.size()) {
      if (positional_++ == op_.inputs.size()) {
        fail(argument.spot, "takes at most " + std::to_string(op_.inputs.size()) + " inputs",
             "Attributes are given by name");
      }
      return;
    }
    note_input(positional_++, argument);
  }

  void named(const Argument& argument) {
    for (std::size_t i = 0; i < op_.inputs.size(); ++i) {
      if (op_.inputs[i].name == argument.name) return note_input(i, argument);
    }
    const OpAttribute* attribute = op_.attribute(argument.name);
    if (attribute == nullptr) {
      std::vector<std::string> known;
      for (const OpParameter& input : op_.inputs) known.push_back(input.name);
      for (const OpAttribute& other : op_.attributes) known.push_back(other.name);
      const std::string near = did_you_mean(argument.name, known);
      strangers_ = true;
      return fail(argument.spot, "has no input or attribute '" + argument.name + "'",
                  near.empty() ? "It has " + join_names(known) : near);
    }
    if (!attributes_.insert(argument.name).second)
      fail(argument.spot, "attribute '" + argument.name + "' is given twice");
    if (const char* wants = wrong_form(*attribute, *argument.value))
      fail(argument.spot, "attribute '" + argument.name + "' must be " + wants);
  }

  void note_input(std::size_t index, const Argument& argument) {
    const OpParameter& input = op_.inputs[index];
    if (!given_.insert(index).second)
      return fail(argument.spot, "input '" + input.name + "' is given twice", input_names());
    if (argument.value->kind == Kind::kNull && !input.optional && !input.variadic)
      fail(argument.spot, "input '" + input.name + "' can't be left out", input_names());
  }

  void required() {
    const bool variadic = !op_.inputs.empty() && op_.inputs.back().variadic;
    for (std::size_t i = 0; i < op_.inputs.size(); ++i) {
      if (op_.inputs[i].optional || given_.contains(i)) continue;
      if (op_.inputs[i].variadic) {
        if (positional_ > i || op_.min_inputs <= static_cast<int>(i)) continue;
      }
      return fail(expr_.spot,
                  "needs " + std::string(variadic ? "at least " : "") +
                      std::to_string(op_.min_inputs) + " inputs, '" + op_.inputs[i].name +
                      "' is missing",
                  input_names());
    }
    for (const OpAttribute& attribute : op_.attributes) {
      if (attribute.required && !attributes_.contains(attribute.name))
        fail(expr_.spot, "needs the attribute '" + attribute.name + "'");
    }
  }

  const OpSignature& op_;
  const Expr& expr_;
  Findings& findings_;
  std::size_t positional_ = 0;
  std::set<std::size_t> given_;
  std::set<std::string> attributes_;
  bool strangers_ = false;  // what seems missing may be what was misspelt
};

}  // namespace

void check_operator_call(const std::string& name, const Expr& expr, std::size_t wanted,
                         Findings& findings) {
  const OpSignature* op = graph::find_op(name);
  if (op == nullptr) {
    findings.error(expr.spot, kKind, "ONNX opset 17 has no operator '" + name + "'",
                   did_you_mean(name, graph::op_names()));
    return;
  }
  OperatorCall(*op, expr, findings).check(wanted);
}

}  // namespace switchyard::recipe
