// Resolution: from a config and the user's options to task, classes, library and exporter.
//
// The one chain of decisions behind inspect, config, export, build, run and eval. It decides
// nothing itself: it gathers facts, asks the rule book one decision after another, and carries the
// outcomes along (DESIGN.md, "The chain of decisions").
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "engine/value.h"

namespace switchyard {

// What the user said on the command line. Empty optionals: not said.
struct ResolveOptions {
  std::optional<std::string> task;
  std::optional<std::string> model_type;
  std::optional<std::string> model_class;
  std::optional<std::string> library;
};

struct ResolveRequest {
  Value config;                         // config.json; null: options only
  std::string config_file;              // for messages
  std::optional<std::string> model_id;  // a Hub id; nothing for a plain directory
  ResolveOptions options;
  std::optional<std::string> pipeline_tag;  // of the Hub or the model card
};

// One step of the chain. What builds do is a map of outputs (docs/resolution.md), all else a value.
struct Decision {
  std::string name;  // "task"
  Value value;
  std::string rule_id;  // empty: a table or the user gave it
  Place place;
  std::string source;
};

// An input or output of the exported graph. A dimension is an integer or an axis name.
struct TensorSpec {
  std::string name;
  std::string dtype;  // ONNX spelling: "float32", "int64"; empty when not known
  List dims;          // empty with `dims_known` false when the rank is not known
  bool dims_known = false;
};

struct Resolution {
  std::string task;  // surfaced
  std::string optimum_task;
  std::string model_class;
  std::string source;  // what decided the task: "user-task", "sentinel-default", ...
  std::string library;
  Value composite;         // null, or map sub-model -> task, in order
  std::string model_type;  // after narrowing to a sub-config
  std::optional<std::string> onnx_config;
  std::optional<std::string> recipe;
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
  Map axes;  // what the user makes of their axes: AXIS -> size, name or null (axes.h)
  std::string part;  // the sub-model that is meant ("encoder"); empty: the whole
  Map options;       // what the user asks of the export, as recipes read it: do_pooling ...
  bool last_resort = false;  // nothing but the last resort decided the task
  Value config;              // the (narrowed) config with the knowledge tables' defaults laid under
  std::string config_part;   // the key of config.json it was narrowed to; empty: all of it
  std::vector<std::string> warnings;
  std::vector<Decision> decisions;
};

// Throws Error(kModel) when no outcome exists (unknown model type, unsupported task, ...).
Resolution resolve(const RuleBook& rules, const ResolveRequest& request);

// The same, with every question asked of a decision table and why it was answered so appended to
// `trace` (stages/resolve/trace.h); also up to the point where it throws.
struct Trace;
Resolution resolve_traced(const RuleBook& rules, const ResolveRequest& request, Trace& trace);

// For the commands that build something: refuses what only the last resort decided, asking for
// --task. Throws Error(kModel).
void require_decided(const Resolution& resolution);

// `inspect --jsonl`: one request line in, one answer line out (DESIGN.md, "Command line"). Never
// throws for a bad line: the answer's "error" says what is wrong. `line_number` counts from 1.
std::string answer_json_line(const RuleBook& rules, std::string_view line, std::size_t line_number);

}  // namespace switchyard
