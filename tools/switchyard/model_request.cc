#include "tools/switchyard/model_request.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "engine/error.h"
#include "tools/switchyard/model_download.h"

namespace switchyard {

RuleBookOptions rule_options(const Arguments& arguments) {
  RuleBookOptions options;
  if (arguments.rules_only) options.base = *arguments.rules_only;
  if (const char* listed = std::getenv("SWITCHYARD_RULES"); listed != nullptr) {
    std::string_view rest = listed;
    while (!rest.empty()) {
      const std::size_t colon = rest.find(':');
      const std::string_view directory = rest.substr(0, colon);
      if (!directory.empty()) options.overlays.emplace_back(directory);
      rest.remove_prefix(colon == std::string_view::npos ? rest.size() : colon + 1);
    }
  }
  for (const std::string& directory : arguments.rules) options.overlays.emplace_back(directory);
  return options;
}

std::shared_ptr<const RuleBook> load_rules(const Arguments& arguments) {
  return RuleBook::load(rule_options(arguments));
}

std::optional<ModelSource> find_source(const Arguments& arguments, const RuleBook& rules,
                                       HubScope scope) {
  if (!arguments.model) {
    if (!arguments.revision) return std::nullopt;
    throw Error(ErrorKind::kUsage, {}, "--revision needs a model",
                "Give the model's Hub id with -m");
  }
  download_missing(arguments, rules, scope);
  return find_model(*arguments.model, arguments.revision);
}

ResolveRequest resolve_request(const Arguments& arguments, const ModelSource* source) {
  ResolveRequest request;
  if (source != nullptr) {
    request.config = source->config;
    request.config_file = source->config_file.string();
    request.model_id = source->model_id;
    request.pipeline_tag = source->pipeline_tag;
  }
  request.options.task = arguments.task;
  request.options.model_type = arguments.model_type;
  request.options.model_class = arguments.model_class;
  request.options.library = arguments.library;
  return request;
}

BuildChoices build_choices(const Arguments& arguments) {
  BuildChoices choices;
  choices.precision = arguments.precision;
  if (arguments.calibration) choices.calibration = *arguments.calibration;
  choices.samples = arguments.samples;
  choices.weights = arguments.weights;
  return choices;
}

const std::string& require_model(const Arguments& arguments, const char* command) {
  if (arguments.model) return *arguments.model;
  throw Error(ErrorKind::kUsage, {}, std::string("'") + command + "' needs a model",
              "Give one with -m: a directory, a config.json, or a Hub id");
}

const std::string& require_output(const Arguments& arguments, const char* command) {
  if (arguments.output) return *arguments.output;
  throw Error(ErrorKind::kUsage, {}, std::string("'") + command + "' needs to know where to write",
              "Give a path with -o");
}

}  // namespace switchyard
