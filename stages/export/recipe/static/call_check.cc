#include "stages/export/recipe/static/call_check.h"

#include <algorithm>
#include <vector>

#include "engine/text.h"

namespace switchyard::recipe {
namespace {

constexpr const char* kKind = "arguments";

// The counts of values that the block's `return` statements give; 0 for a single value, which may
// be a list of any length.
void collect_returns(const Statements& statements, std::vector<std::size_t>& counts) {
  for (const Statement& statement : statements) {
    if (statement.kind == Statement::Kind::kReturn)
      counts.push_back(statement.values.size() == 1 ? 0 : statement.values.size());
    collect_returns(statement.body, counts);
    collect_returns(statement.orelse, counts);
  }
}

void check_results(const Block& block, const Expr& expr, std::size_t wanted, Findings& findings) {
  if (wanted < 2) return;
  std::vector<std::size_t> counts;
  collect_returns(block.statements(), counts);
  const bool fits = std::any_of(counts.begin(), counts.end(),
                                [&](std::size_t count) { return count == 0 || count == wanted; });
  if (counts.empty()) {
    findings.error(expr.spot, kKind, "block '" + block.name() + "' returns nothing",
                   "End it with `return`");
  } else if (!fits) {
    findings.error(expr.spot, kKind,
                   std::to_string(wanted) + " names take what block '" + block.name() +
                       "' returns: " + std::to_string(counts.front()) + " values");
  }
}

}  // namespace

void check_block_call(const Block& block, const Expr& expr, std::size_t wanted,
                      Findings& findings) {
  const auto& parameters = block.parameters();
  std::vector<std::string> names;
  for (const Parameter& parameter : parameters) names.push_back(parameter.name);
  const std::string takes =
      names.empty() ? "It takes no arguments" : "It takes " + join_names(names);
  const std::string whose = "block '" + block.name() + "'";
  std::vector<bool> given(parameters.size(), false);
  for (std::size_t i = 0; i < expr.args.size(); ++i) {
    const Argument& argument = expr.args[i];
    std::size_t at = i;
    if (!argument.name.empty()) {
      at = static_cast<std::size_t>(std::find(names.begin(), names.end(), argument.name) -
                                    names.begin());
    }
    if (at >= parameters.size()) {
      if (argument.name.empty()) {
        findings.error(argument.spot, kKind,
                       whose + ": more arguments than the block has parameters", takes);
        break;
      }
      const std::string near = did_you_mean(argument.name, names);
      findings.error(argument.spot, kKind,
                     whose + ": there is no parameter '" + argument.name + "'",
                     near.empty() ? takes : near);
    } else if (given[at]) {
      findings.error(argument.spot, kKind, whose + ": '" + names[at] + "' is given twice", takes);
    } else {
      given[at] = true;
    }
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (!given[i] && !parameters[i].default_value)
      findings.error(expr.spot, kKind, whose + " needs '" + names[i] + "'", takes);
  }
  check_results(block, expr, wanted, findings);
}

void check_builtin_call(const Builtin& builtin, const Expr& expr, Findings& findings) {
  const std::string name(builtin.name);
  for (const Argument& argument : expr.args) {
    if (argument.name.empty()) continue;
    findings.error(argument.spot, kKind, name + " takes no named arguments",
                   std::string(builtin.help));
  }
  if (expr.args.size() < builtin.min_arguments || expr.args.size() > builtin.max_arguments) {
    findings.error(expr.spot, kKind,
                   name + " does not take " + std::to_string(expr.args.size()) + " argument" +
                       (expr.args.size() == 1 ? "" : "s"),
                   std::string(builtin.help));
  }
}

void check_exists_call(const Expr& expr, Findings& findings) {
  if (expr.args.size() != 1)
    findings.error(expr.spot, kKind, "exists takes one tensor", "exists($bias)");
}

void check_submodel_call(const Expr& expr, Findings& findings) {
  static constexpr const char* kForm =
      "submodel(config.encoder, 'feature-extraction', pixel_values=x)";
  const auto positional = static_cast<std::size_t>(
      std::count_if(expr.args.begin(), expr.args.end(),
                    [](const Argument& argument) { return argument.name.empty(); }));
  if (positional != 2) {
    findings.error(expr.spot, kKind,
                   "submodel takes a configuration and the name of a head, then its inputs by name",
                   kForm);
    return;
  }
  const auto is_text_or_value = [](const Expr& value) {
    return value.kind != Expr::Kind::kInt && value.kind != Expr::Kind::kFloat &&
           value.kind != Expr::Kind::kBool && value.kind != Expr::Kind::kList &&
           value.kind != Expr::Kind::kWeight;
  };
  if (!is_text_or_value(*expr.args[0].value) || expr.args[0].value->kind == Expr::Kind::kString)
    findings.error(expr.args[0].spot, kKind, "the configuration of a submodel is a map", kForm);
  if (!is_text_or_value(*expr.args[1].value) || expr.args[1].value->kind == Expr::Kind::kMap)
    findings.error(expr.args[1].spot, kKind, "the head of a submodel is named by text", kForm);
}

}  // namespace switchyard::recipe
