#include <cstdio>
#include <string>
#include <utility>

#include "engine/error.h"
#include "stages/build/resolution_json.h"
#include "stages/resolve/trace.h"
#include "tools/switchyard/axis_options.h"
#include "tools/switchyard/commands/commands.h"
#include "tools/switchyard/commands/explain.h"
#include "tools/switchyard/commands/inspect_lines.h"
#include "tools/switchyard/console.h"
#include "tools/switchyard/model_request.h"
#include "tools/switchyard/resolution_text.h"
#include "tools/switchyard/stage_commands.h"

namespace switchyard {
namespace {

bool names_model(const Arguments& arguments) {
  return arguments.model || arguments.model_type || arguments.model_class;
}

// Where there is no outcome, what was decided up to there is shown all the same.
Resolution resolve_explained(const Arguments& arguments, const RuleBook& rules,
                             const ResolveRequest& request, Trace& trace) {
  try {
    return resolve_traced(rules, request, trace);
  } catch (const Error&) {
    if (arguments.format == OutputFormat::kTable && !trace.questions.empty()) {
      std::fputs(short_explanation_text(trace).c_str(), stdout);
    }
    throw;
  }
}

int inspect_model(const Arguments& arguments) {
  const auto rules = load_rules(arguments);
  const auto source = find_source(arguments, *rules, HubScope::kConfiguration);
  const ResolveRequest request = resolve_request(arguments, source ? &*source : nullptr);
  Trace trace;
  Resolution resolution = arguments.explain ? resolve_explained(arguments, *rules, request, trace)
                                            : resolve(*rules, request);
  lay_axis_options(arguments, resolution);
  resolution.inputs = with_axes(std::move(resolution.inputs), resolution.axes);
  resolution.outputs = with_axes(std::move(resolution.outputs), resolution.axes);

  Console console(arguments);
  console.warn(resolution.warnings);
  if (arguments.format == OutputFormat::kJson) {
    Map json{{"model", arguments.model ? Value(*arguments.model) : Value()}};
    for (const auto& [name, value] : resolution_json(resolution)) json.set(name, value);
    if (arguments.explain) json.set("explanation", short_explanation_json(trace));
    std::printf("%s\n", Value(std::move(json)).to_json(2).c_str());
    return 0;
  }
  if (arguments.model) std::printf("%s\n\n", arguments.model->c_str());
  std::fputs(resolution_text(resolution, arguments.verbose).c_str(), stdout);
  if (arguments.explain) std::printf("\n%s", short_explanation_text(trace).c_str());
  return 0;
}

}  // namespace

int inspect_command(const Arguments& arguments) {
  const bool is_graph = arguments.model && arguments.model->ends_with(".onnx");
  const std::string without = is_graph ? "an .onnx file" : "--jsonl";
  if (arguments.explain && (arguments.jsonl || is_graph)) {
    throw Error(ErrorKind::kUsage, {}, "--explain does not go with " + without,
                "Explain one checkpoint: switchyard inspect --explain -m CHECKPOINT");
  }
  if ((arguments.jsonl || is_graph) && says_axes(arguments)) {
    throw Error(ErrorKind::kUsage, {},
                "--shape, --batch-size and --dynamic-axes do not go with " + without,
                "They are for exporting one checkpoint");
  }
  if (arguments.weight_report) {
    if (arguments.jsonl || arguments.explain || is_graph) {
      throw Error(ErrorKind::kUsage, {},
                  std::string("--weights does not go with ") +
                      (is_graph ? "an .onnx file" : arguments.jsonl ? "--jsonl" : "--explain"),
                  "Give one checkpoint: switchyard inspect --weights -m CHECKPOINT");
    }
    return stage_commands().inspect_weights(arguments);
  }
  if (arguments.jsonl) {
    inspect_lines(*load_rules(arguments), arguments.jsonl->empty() ? "-" : *arguments.jsonl,
                  arguments.threads);
    return 0;
  }
  if (!names_model(arguments)) {
    throw Error(ErrorKind::kUsage, {}, "'inspect' needs a model",
                "Give one with -m, or a model type with --model-type");
  }
  if (is_graph) return stage_commands().inspect_graph(arguments);
  return inspect_model(arguments);
}

}  // namespace switchyard
