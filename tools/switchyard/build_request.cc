#include "tools/switchyard/build_request.h"

#include <filesystem>
#include <utility>

#include "engine/error.h"
#include "stages/build/build_configuration.h"
#include "stages/build/export_options.h"
#include "stages/export/recipe/recipe.h"
#include "tools/switchyard/axis_options.h"
#include "tools/switchyard/model_request.h"

namespace switchyard {
namespace {

constexpr const char* kAllParts = "all";

// The resolution of one part of a model: of a composite, the same model under the part's task; else
// the whole's, and the recipe knows the part.
Resolution resolve_submodel(const RuleBook& rules, ResolveRequest request, const Resolution& whole,
                            const std::string& name) {
  Resolution resolution = whole;
  if (const Value* task = whole.composite.find(name)) {
    request.options.task = task->as_string();
    resolution = resolve(rules, request);
  }
  resolution.part = name;
  return resolution;
}

// The parts of a composite; with `all`, of a model that is none those that its recipe has.
std::vector<std::string> part_names(const RuleBook& rules, const Resolution& whole, bool all) {
  std::vector<std::string> names;
  if (whole.composite.is_map()) {
    for (const auto& [name, task] : whole.composite.as_map()) names.push_back(name);
  } else if (all && whole.recipe) {
    for (const recipe::Part& part : recipe::load_recipe(rules, *whole.recipe).parts)
      names.push_back(part.head.task);
  }
  if (all && names.empty()) {
    throw Error(ErrorKind::kUsage, {}, "the model is one graph", "Leave --submodel out");
  }
  return names;
}

// Throws Error(kUsage) where the library says that its models give no attention weights.
void refuse_attentions(const RuleBook& rules, const std::string& library) {
  const auto row = rules.lookup("libraries", library);
  const Value* reason = row ? row->value.find("no_attentions") : nullptr;
  if (reason == nullptr || !reason->is_string()) return;
  throw Error(ErrorKind::kUsage, {},
              "models of " + library + " give no attentions: " + reason->as_string(),
              "Leave --output-attentions out; --output-hidden-states gives what each stage makes");
}

void lay_export_options(const Arguments& arguments, const RuleBook& rules, Resolution& resolution) {
  if (arguments.output_attentions) refuse_attentions(rules, resolution.library);
  if (!arguments.do_pooling.empty())
    resolution.options.set(kDoPooling, Value(arguments.do_pooling == "true"));
  if (arguments.output_hidden_states) resolution.options.set(kOutputHiddenStates, Value(true));
  if (arguments.output_attentions) resolution.options.set(kOutputAttentions, Value(true));
}

void refuse_new_decisions(const Arguments& arguments) {
  const std::pair<const char*, bool> options[] = {
      {"--task", arguments.task.has_value()},
      {"--model-type", arguments.model_type.has_value()},
      {"--model-class", arguments.model_class.has_value()},
      {"--library", arguments.library.has_value()},
      {"--submodel", arguments.submodel.has_value()},
  };
  for (const auto& [name, given] : options) {
    if (!given) continue;
    throw Error(ErrorKind::kUsage, {},
                std::string(name) + " and -c don't go together: what " + name +
                    " says is decided in " + *arguments.config,
                std::string("Leave one out, or write a new file with `switchyard config ") + name +
                    " ...`");
  }
}

const char* command_name(BuildScope scope) {
  return scope == BuildScope::kConfig ? "config" : scope == BuildScope::kExport ? "export" : "build";
}

HubScope hub_scope(BuildScope scope) {
  return scope == BuildScope::kConfig ? HubScope::kConfiguration : HubScope::kModel;
}

ModelSource recorded_source(Arguments arguments, const RuleBook& rules, BuildScope scope,
                            const RecordedBuild& recorded) {
  if (!arguments.variant) arguments.variant = recorded.variant;
  if (arguments.model) return *find_source(arguments, rules, hub_scope(scope));
  std::error_code ignored;
  if (recorded.model && std::filesystem::exists(*recorded.model, ignored)) {
    ModelSource source = find_model(*recorded.model);
    source.variant = arguments.variant;
    if (!source.model_id) source.model_id = recorded.model_id;
    return source;
  }
  if (recorded.model_id) {
    arguments.model = recorded.model_id;
    if (!arguments.revision) arguments.revision = recorded.revision;
    return *find_source(arguments, rules, hub_scope(scope));
  }
  throw Error(ErrorKind::kUsage, {recorded.file},
              recorded.model ? "the model of this configuration is no longer at " + *recorded.model
                             : "this configuration names no model",
              "Say where it is with -m");
}

BuildRequest replayed(const Arguments& arguments, BuildScope scope) {
  refuse_new_decisions(arguments);
  RecordedBuild recorded = load_build_configuration(*arguments.config);
  BuildRequest request;
  request.rules = load_rules(arguments);
  request.source = recorded_source(arguments, *request.rules, scope, recorded);
  request.warnings = replay_on(*request.rules, *request.source, recorded);
  request.resolution = std::move(recorded.resolution);
  request.plan = std::move(recorded.plan);
  lay_choices(request.plan, build_choices(arguments));
  for (RecordedBuild& part : recorded.parts) {
    lay_choices(part.plan, build_choices(arguments));
    request.parts.push_back({part.resolution.part, std::move(part.resolution), std::move(part.plan)});
  }
  return request;
}

BuildRequest decided(const Arguments& arguments, BuildScope scope) {
  BuildRequest request;
  request.rules = load_rules(arguments);
  request.source = find_source(arguments, *request.rules, hub_scope(scope));
  const ResolveRequest asked =
      resolve_request(arguments, request.source ? &*request.source : nullptr);
  request.resolution = resolve(*request.rules, asked);
  const std::string submodel = arguments.submodel.value_or("");
  const BuildChoices choices = build_choices(arguments);
  const auto plan = [&](const Resolution& resolution) {
    BuildPlan made;
    if (scope != BuildScope::kExport) {
      made = plan_build(resolution, choices);
    } else if (!choices.weights.empty()) {
      made.weights = choices.weights;
    }
    return made;
  };
  if (!submodel.empty() && submodel != kAllParts) {
    request.resolution = resolve_submodel(*request.rules, asked, request.resolution, submodel);
  } else {
    for (const std::string& name : part_names(*request.rules, request.resolution, submodel == kAllParts)) {
      Resolution part = resolve_submodel(*request.rules, asked, request.resolution, name);
      BuildPlan part_plan = plan(part);
      request.parts.push_back({name, std::move(part), std::move(part_plan)});
    }
  }
  request.plan = plan(request.resolution);
  return request;
}

}  // namespace

BuildRequest build_request(const Arguments& arguments, BuildScope scope) {
  if (!arguments.config && !arguments.model && !arguments.model_type && !arguments.model_class) {
    throw Error(ErrorKind::kUsage, {}, std::string("'") + command_name(scope) + "' needs a model",
                "Give one with -m, or a build configuration with -c");
  }
  BuildRequest request = arguments.config ? replayed(arguments, scope) : decided(arguments, scope);
  if (request.parts.empty()) lay_axis_options(arguments, request.resolution);
  lay_export_options(arguments, *request.rules, request.resolution);
  for (BuildPart& part : request.parts) {
    lay_axis_options(arguments, part.resolution);
    lay_export_options(arguments, *request.rules, part.resolution);
  }
  return request;
}

}  // namespace switchyard
