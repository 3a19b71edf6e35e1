// `inspect --weights`: how the tensors of a checkpoint fit the recipe.
#include <cstdio>
#include <map>
#include <string>

#include "engine/error.h"
#include "stages/export/export.h"
#include "stages/export/weight_report.h"
#include "stages/weights/open_weights.h"
#include "tools/switchyard/commands/stage_entry.h"
#include "tools/switchyard/console.h"
#include "tools/switchyard/model_request.h"
#include "tools/switchyard/text_table.h"

namespace switchyard {
namespace {

Value texts(const std::vector<std::string>& list) { return List(list.begin(), list.end()); }

Value shape_json(const StoredTensor& tensor) {
  return List(tensor.shape.begin(), tensor.shape.end());
}

std::string shape_text(const StoredTensor& tensor) {
  std::string text;
  for (const std::int64_t dim : tensor.shape)
    text += (text.empty() ? "" : "x") + std::to_string(dim);
  return text.empty() ? "scalar" : text;
}

std::map<Fate, std::size_t> count(const WeightReport& report) {
  std::map<Fate, std::size_t> counts;
  for (const TensorFate& fate : report.tensors) ++counts[fate.fate];
  return counts;
}

std::size_t needed(const WeightReport& report) {
  std::size_t count = 0;
  for (const WeightReport::Missing& missing : report.missing) count += !missing.optional;
  return count;
}

Value json_of(const WeightReport& report, const GraphRequest& request, const Weights& weights) {
  List files;
  for (const WeightFile& file : weights.files()) {
    files.push_back(
        Map{{"path", file.path.string()}, {"bytes", static_cast<std::int64_t>(file.size)}});
  }
  List tensors;
  for (const TensorFate& fate : report.tensors) {
    const StoredTensor& stored = *fate.tensor;
    tensors.push_back(Map{
        {"name", stored.name},
        {"dtype", dtype_name(stored.dtype)},
        {"shape", shape_json(stored)},
        {"bytes", static_cast<std::int64_t>(stored.bytes)},
        {"file", static_cast<std::int64_t>(stored.file)},
        {"status", fate_name(fate.fate)},
        {"recipe_name", fate.name},
        {"scope", fate.scope.empty() ? Value() : Value(fate.scope)},
        {"rules", texts(fate.rules)},
        {"reason", fate.reason.empty() ? Value() : Value(fate.reason)},
    });
  }
  List missing;
  for (const WeightReport::Missing& one : report.missing) {
    missing.push_back(Map{
        {"name", one.name},
        {"optional", one.optional},
        {"place", one.place.known() ? Value(one.place.str()) : Value()},
        {"nearest", one.nearest.empty() ? Value() : Value(one.nearest)},
    });
  }
  Map counts;
  for (const auto& [fate, number] : count(report)) {
    counts.set(std::string(fate_name(fate)), static_cast<std::int64_t>(number));
  }
  return Map{
      {"recipe", request.recipe},
      {"recipe_file", report.recipe_file},
      {"task", request.task},
      {"fits", report.fits()},
      {"files", std::move(files)},
      {"counts", std::move(counts)},
      {"tensors", std::move(tensors)},
      {"missing", std::move(missing)},
      {"stopped", report.stopped.empty() ? Value() : Value(report.stopped)},
  };
}

// What there is to say of a tensor beside its status: another name, the rules, the reason.
std::string remark(const TensorFate& fate) {
  std::string text;
  if (fate.name != fate.tensor->name) text = "as " + fate.name;
  if (!fate.reason.empty()) return text + (text.empty() ? "" : ": ") + fate.reason;
  for (const std::string& rule : fate.rules) text += (text.empty() ? "by " : ", by ") + rule;
  return text;
}

std::string text_of(const WeightReport& report, const GraphRequest& request,
                    const Weights& weights) {
  std::string text =
      "recipe " + request.recipe + " (" + report.recipe_file + "), task " + request.task + "\n";
  for (const WeightFile& file : weights.files()) {
    text += file.path.string() + "  " + size_text(file.size) + "\n";
  }
  TextTable table({"tensor", "type", "shape", "status", ""});
  for (const TensorFate& fate : report.tensors) {
    table.add({fate.tensor->name, std::string(dtype_name(fate.tensor->dtype)),
               shape_text(*fate.tensor), std::string(fate_name(fate.fate)), remark(fate)});
  }
  text += "\n" + table.str();
  if (needed(report) > 0) {
    TextTable missing({"missing", "asked for at", ""});
    for (const WeightReport::Missing& one : report.missing) {
      if (!one.optional) missing.add({one.name, one.place.str(), one.nearest});
    }
    text += "\n" + missing.str();
  }
  if (!report.stopped.empty()) text += "\nthe recipe stopped: " + report.stopped + "\n";
  text += "\n" + std::to_string(report.tensors.size()) + " tensors:";
  std::string between = " ";
  for (const auto& [fate, number] : count(report)) {
    text += between + std::to_string(number) + " " + std::string(fate_name(fate));
    between = ", ";
  }
  if (needed(report) > 0) text += "; " + std::to_string(needed(report)) + " missing";
  return text + "\n";
}

}  // namespace

int inspect_weights(const Arguments& arguments) {
  require_model(arguments, "inspect --weights");
  const auto rules = load_rules(arguments);
  const ModelSource source = *find_source(arguments, *rules, HubScope::kModel);
  const Resolution resolution = resolve(*rules, resolve_request(arguments, &source));
  Console console(arguments);
  console.warn(resolution.warnings);
  const GraphRequest request = graph_request(source, resolution);
  const Weights weights = open_weights(*rules, source);
  const WeightReport report = report_weights(*rules, request, weights);
  if (arguments.format == OutputFormat::kJson) {
    std::printf("%s\n", json_of(report, request, weights).to_json(2).c_str());
  } else {
    std::fputs(text_of(report, request, weights).c_str(), stdout);
  }
  if (report.fits()) return 0;
  std::fflush(stdout);
  throw Error(ErrorKind::kModel, {source.directory.string()},
              "the checkpoint does not fit recipe '" + request.recipe + "' for " + request.task,
              "The list above says what is missing, unused or of another shape");
}

}  // namespace switchyard
