#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>

#include "engine/error.h"
#include "engine/output_file.h"
#include "stages/checkpoint/hub_cache.h"
#include "stages/weights/to_safetensors.h"
#include "stages/weights/weight_files.h"
#include "tools/switchyard/commands/stage_entry.h"
#include "tools/switchyard/console.h"
#include "tools/switchyard/model_request.h"
#include "tools/switchyard/text_table.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

// -m: a directory of weights (with or without a config.json), one weight file, or a Hub id.
WeightSource find_weights(const RuleBook& rules, const Arguments& arguments,
                          const std::string& model) {
  std::error_code error;
  if (fs::is_directory(model, error)) return find_weight_files(rules, model, arguments.variant);
  if (!fs::exists(model, error)) {
    return find_weight_files(rules, find_source(arguments, rules, HubScope::kModel)->directory,
                             arguments.variant);
  }
  if (arguments.variant) {
    throw Error(ErrorKind::kUsage, {model}, "--variant chooses among the files of a directory",
                "Leave it out, or give the directory");
  }
  return weight_file_at(model);
}

// -o: a .safetensors file, or a directory; nothing: beside the weights.
fs::path output_file(const RuleBook& rules, const Arguments& arguments,
                     const WeightSource& source) {
  const std::string name = name_as_safetensors(rules, source.file);
  if (arguments.output) {
    const fs::path output = *arguments.output;
    return output.extension() == ".safetensors" ? output : output / name;
  }
  std::error_code error;
  if (hub_id_of_path(fs::absolute(source.file, error))) {
    throw Error(ErrorKind::kUsage, {source.file.string()},
                "lies in the Hugging Face cache, which is not Switchyard's to write into",
                "Say with -o where to write");
  }
  return source.file.parent_path() / name;
}

void print(const ConversionReport& report, OutputFormat format) {
  if (format != OutputFormat::kJson) {
    std::printf("%s  %s, %zu tensors\n", report.file.c_str(), size_text(report.bytes).c_str(),
                report.tensors);
    return;
  }
  List sources;
  for (const fs::path& source : report.sources) sources.push_back(source.string());
  Map tied;
  for (const auto& [name, kept] : report.tied) tied.set(name, kept);
  const Value json = Map{{"file", report.file.string()},
                         {"bytes", static_cast<std::int64_t>(report.bytes)},
                         {"tensors", static_cast<std::int64_t>(report.tensors)},
                         {"sources", std::move(sources)},
                         {"tied", std::move(tied)},
                         {"reordered", List(report.reordered.begin(), report.reordered.end())},
                         {"left_out", List(report.left_out.begin(), report.left_out.end())}};
  std::printf("%s\n", json.to_json(2).c_str());
}

}  // namespace

int checkpoint_to_safetensors(const Arguments& arguments) {
  const std::string& model = require_model(arguments, "checkpoint to-safetensors");
  const auto rules = load_rules(arguments);
  const WeightSource source = find_weights(*rules, arguments, model);
  const fs::path output = output_file(*rules, arguments, source);
  std::error_code error;
  if (!arguments.overwrite && fs::exists(fs::symlink_status(output, error))) {
    throw Error(ErrorKind::kUsage, {output.string()}, "there is something here already",
                "Choose another place with -o, or replace it with --overwrite");
  }
  if (output.has_parent_path()) create_directory_for_output(output.parent_path());
  const ConversionReport report = convert_to_safetensors(*rules, source, output);

  Console console(arguments);
  for (const std::string& name : report.left_out) {
    console.note("left out `" + name + "`, which is no tensor");
  }
  for (const auto& [name, kept] : report.tied) {
    console.detail("`" + name + "` is `" + kept + "`, written once");
  }
  for (const std::string& name : report.reordered) {
    console.detail("`" + name + "` put in row-major order");
  }
  print(report, arguments.format);
  return 0;
}

}  // namespace switchyard
