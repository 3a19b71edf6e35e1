#include "stages/build/build_plan.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "engine/error.h"
#include "stages/build/resolution_json.h"

namespace switchyard {
namespace {

constexpr const char* kUserSource = "user";

// The chain's decision of that name, whose value must be a map with a string `output`.
Decision required_decision(const Resolution& resolution, const std::string& name,
                           const char* output) {
  const auto found = std::find_if(resolution.decisions.begin(), resolution.decisions.end(),
                                  [&](const Decision& decision) { return decision.name == name; });
  if (found == resolution.decisions.end() || found->value.is_null()) {
    throw Error(ErrorKind::kUsage, {},
                "no rule of the decision '" + name + "' holds for this model",
                "Add a rule without conditions and of priority 0 to that table");
  }
  const Value* value = found->value.find(output);
  if (value == nullptr || !value->is_string()) {
    throw Error(ErrorKind::kUsage, found->place,
                "the rule '" + found->rule_id + "' of '" + name + "' gives no " + output,
                std::string("Write `") + output + ": ...` under its `then`");
  }
  return *found;
}

void set(Decision& decision, const char* output, Value value) {
  Map outputs = decision.value.as_map();
  outputs.set(output, std::move(value));
  decision.value = std::move(outputs);
  decision.rule_id.clear();
  decision.place = {};
  decision.source = kUserSource;
}

void choose_precision(Decision& decision, const std::string& precision) {
  if (precision != "fp32" && precision != "int8") {
    throw Error(ErrorKind::kUsage, {}, "there is no precision '" + precision + "'",
                "It is fp32 or int8");
  }
  set(decision, "precision", precision);
}

void choose_calibration(Decision& decision, const std::filesystem::path& path) {
  std::error_code failed;
  if (!std::filesystem::exists(path, failed)) {
    throw Error(ErrorKind::kModel, {path.string()}, "there is no calibration data here",
                "Give --calibration a folder of images, or leave it out");
  }
  set(decision, "path", path.string());
}

}  // namespace

bool BuildPlan::quantizes() const {
  return precision.value.find("precision")->as_string() != "fp32";
}

BuildPlan plan_build(const Resolution& resolution, const BuildChoices& choices) {
  BuildPlan plan;
  plan.weights = choices.weights;
  plan.optimization = required_decision(resolution, "optimization", "level");
  plan.precision = required_decision(resolution, "precision", "precision");
  plan.calibration = required_decision(resolution, "calibration", "source");
  plan.calibration_fallback = required_decision(resolution, "calibration_fallback", "source");
  if (choices.precision) choose_precision(plan.precision, *choices.precision);
  if (choices.calibration) choose_calibration(plan.calibration, *choices.calibration);
  if (choices.samples > 0) set(plan.calibration, "samples", choices.samples);
  return plan;
}

Value build_configuration(const RuleBook& rules, const ModelSource* source,
                          const Resolution& resolution, const BuildPlan& plan,
                          const std::string& tool_version) {
  Map map{{"tool", "switchyard"}, {"version", tool_version}, {"rules", rules.digest()}};
  map.set("model", source != nullptr ? Value(source->directory.string()) : Value());
  map.set("model_id", source != nullptr && source->model_id ? Value(*source->model_id) : Value());
  for (const auto& [name, value] : resolution_json(resolution)) {
    if (name != "decisions") map.set(name, value);
  }
  map.set("weights", plan.weights);
  map.set("variant", source != nullptr && source->variant ? Value(*source->variant) : Value());
  map.set("optimization", plan.optimization.value);
  map.set("precision", plan.precision.value);
  map.set("calibration", plan.calibration.value);
  map.set("calibration_fallback", plan.calibration_fallback.value);

  std::vector<Decision> decisions = resolution.decisions;
  for (const Decision* chosen : {&plan.optimization, &plan.precision, &plan.calibration}) {
    for (Decision& decision : decisions) {
      if (decision.name == chosen->name) decision = *chosen;
    }
  }
  map.set("decisions", decisions_json(decisions));
  return map;
}

}  // namespace switchyard
