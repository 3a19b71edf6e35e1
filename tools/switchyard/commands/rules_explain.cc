#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/error.h"
#include "engine/text.h"
#include "stages/resolve/trace.h"
#include "tools/switchyard/commands/commands.h"
#include "tools/switchyard/commands/explain.h"
#include "tools/switchyard/console.h"
#include "tools/switchyard/model_request.h"

namespace switchyard {
namespace {

void require_decision(const RuleBook& rules, const std::string& name) {
  if (rules.has_decision(name)) return;
  std::vector<std::string> names;
  for (const std::string_view known : rules.decisions()) names.emplace_back(known);
  std::string mend = did_you_mean(name, names);
  if (mend.empty()) mend = "Decisions: " + join_names(names);
  throw Error(ErrorKind::kUsage, {}, "there is no decision \"" + name + "\" in the rules",
              std::move(mend));
}

void print_json(const Arguments& arguments, const std::vector<const Question*>& questions,
                const std::optional<Error>& failure) {
  const Map json{{"model", arguments.model ? Value(*arguments.model) : Value()},
                 {"decisions", explanation_json(questions)},
                 {"error", failure ? Value(failure->message()) : Value()}};
  std::printf("%s\n", Value(json).to_json(2).c_str());
}

void print_text(const Arguments& arguments, const std::vector<const Question*>& questions) {
  if (arguments.model && !questions.empty()) std::printf("%s\n\n", arguments.model->c_str());
  const ExplainStyle style{.all_losers = arguments.verbose, .colour = output_colour()};
  std::fputs(explanation_text(questions, style).c_str(), stdout);
}

}  // namespace

int rules_explain_command(const Arguments& arguments) {
  if (!arguments.model && !arguments.model_type && !arguments.model_class) {
    throw Error(ErrorKind::kUsage, {}, "'rules explain' needs a model",
                "Give one with -m, or a model type with --model-type");
  }
  const auto rules = load_rules(arguments);
  if (arguments.decision) require_decision(*rules, *arguments.decision);
  const auto source = find_source(arguments, *rules, HubScope::kConfiguration);
  const ResolveRequest request = resolve_request(arguments, source ? &*source : nullptr);

  Trace trace;
  Console console(arguments);
  std::optional<Error> failure;
  try {
    console.warn(resolve_traced(*rules, request, trace).warnings);
  } catch (const Error& error) {
    failure = error;  // what was decided before it is still worth seeing
  }
  std::vector<const Question*> questions;
  for (const Question& question : trace.questions) {
    if (!arguments.decision || question.decision == *arguments.decision) {
      questions.push_back(&question);
    }
  }
  if (arguments.format == OutputFormat::kJson) {
    print_json(arguments, questions, failure);
  } else {
    print_text(arguments, questions);
  }
  if (arguments.decision && questions.empty() && !failure) {
    console.note("the decision \"" + *arguments.decision + "\" is not asked for this model");
  }
  if (failure) throw *failure;
  return 0;
}

}  // namespace switchyard
