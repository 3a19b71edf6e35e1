// `recipe trace`: which line of the recipe made which node.
#include <algorithm>
#include <cstdio>
#include <string>

#include "engine/error.h"
#include "stages/export/export.h"
#include "stages/export/node_trace.h"
#include "stages/weights/open_weights.h"
#include "tools/switchyard/build_request.h"
#include "tools/switchyard/commands/stage_entry.h"
#include "tools/switchyard/console.h"
#include "tools/switchyard/model_request.h"
#include "tools/switchyard/text_table.h"

namespace switchyard {
namespace {

using Source = graph::Tensor::Source;

// "/encoder/layer.0" and "encoder.layer.0" alike: "encoder.layer.0".
std::string dotted(std::string text) {
  std::replace(text.begin(), text.end(), '/', '.');
  return text.starts_with('.') ? text.substr(1) : text;
}

bool lies_below(const TracedNode& node, const std::string& scope) {
  const std::string name = dotted(node.name);
  return name.starts_with(scope) && (name.size() == scope.size() || name[scope.size()] == '.');
}

void keep_below(const std::string& scope, NodeTrace& trace) {
  const std::string wanted = dotted(scope);
  std::vector<TracedNode> kept;
  std::copy_if(trace.nodes.begin(), trace.nodes.end(), std::back_inserter(kept),
               [&](const TracedNode& node) { return lies_below(node, wanted); });
  if (kept.empty() && !trace.stopped) {
    throw Error(ErrorKind::kModel, {}, "no node lies below '" + scope + "'",
                "Without a scope, `recipe trace` lists all nodes");
  }
  trace.nodes = std::move(kept);
}

// "[batch_size, 768]" of "float32[batch_size, 768]".
std::string dims_of(const std::string& type) {
  const std::size_t bracket = type.find('[');
  return bracket == type.npos ? " of unknown rank" : type.substr(bracket);
}

// Weights are marked as recipes write them; constants have no name worth reading.
std::string text_of_input(const TracedTensor& tensor) {
  if (tensor.type.empty()) return "null";
  if (tensor.source == Source::kConstant) return "constant " + tensor.type;
  return (tensor.source == Source::kWeight ? "$" : "") + tensor.name + dims_of(tensor.type);
}

// An output's own name says something only where the model shows it.
std::string text_of_output(const TracedTensor& tensor, const TracedNode& node) {
  return (tensor.name.starts_with(node.name) ? "" : tensor.name + " ") + tensor.type;
}

std::string flow(const TracedNode& node) {
  std::string text;
  for (const TracedTensor& input : node.inputs)
    text += (text.empty() ? "" : ", ") + text_of_input(input);
  text += text.empty() ? "->" : " ->";
  for (const TracedTensor& output : node.outputs)
    text += (text.ends_with("->") ? " " : ", ") + text_of_output(output, node);
  if (node.library_place.known()) text += "  [" + node.library_place.str() + "]";
  return text;
}

std::string_view source_name(Source source) {
  switch (source) {
    case Source::kInput:
      return "input";
    case Source::kWeight:
      return "weight";
    case Source::kConstant:
      return "constant";
    case Source::kNode:
      return "node";
  }
  return "";
}

List json_of(const std::vector<TracedTensor>& tensors) {
  List list;
  for (const TracedTensor& tensor : tensors) {
    if (tensor.type.empty()) {
      list.emplace_back();
      continue;
    }
    list.push_back(
        Map{{"name", tensor.name}, {"type", tensor.type}, {"source", source_name(tensor.source)}});
  }
  return list;
}

Value place_json(const Place& place) { return place.known() ? Value(place.str()) : Value(); }

Value json_of(const NodeTrace& trace, const GraphRequest& request) {
  List nodes;
  for (const TracedNode& node : trace.nodes) {
    nodes.push_back(Map{{"place", place_json(node.place)},
                        {"library_place", place_json(node.library_place)},
                        {"name", node.name},
                        {"op", node.op},
                        {"inputs", json_of(node.inputs)},
                        {"outputs", json_of(node.outputs)}});
  }
  return Map{{"recipe", request.recipe},
             {"recipe_file", trace.recipe_file},
             {"task", request.task},
             {"nodes", std::move(nodes)},
             {"stopped", trace.stopped ? Value(trace.stopped->what()) : Value()}};
}

std::string text_of(const NodeTrace& trace) {
  TextTable table;
  for (const TracedNode& node : trace.nodes)
    table.add({node.place.str(), node.name, node.op, flow(node)});
  return table.str();
}

}  // namespace

int recipe_trace(const Arguments& arguments) {
  if (!arguments.config) require_model(arguments, "recipe trace");
  const BuildRequest request = build_request(arguments, BuildScope::kExport);
  Console console(arguments);
  console.warn(request.resolution.warnings);
  console.warn(request.warnings);
  const GraphRequest graph = graph_request(*request.source, request.resolution);
  const Weights weights = open_weights(*request.rules, *request.source);
  NodeTrace trace = trace_nodes(*request.rules, graph, weights);
  console.warn(trace.warnings);
  if (!arguments.operands.empty()) keep_below(arguments.operands.front(), trace);
  if (arguments.format == OutputFormat::kJson) {
    std::printf("%s\n", json_of(trace, graph).to_json(2).c_str());
  } else {
    std::fputs(text_of(trace).c_str(), stdout);
  }
  if (!trace.stopped) return 0;
  std::fflush(stdout);
  throw *trace.stopped;
}

}  // namespace switchyard
