#include "stages/build/build_plan.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "engine/error.h"

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
  // Absolute, so that the configuration means the same wherever it is replayed.
  set(decision, "path", std::filesystem::absolute(path).lexically_normal().string());
}

}  // namespace

bool BuildPlan::quantizes() const {
  return precision.value.find("precision")->as_string() != "fp32";
}

BuildPlan plan_build(const Resolution& resolution, const BuildChoices& choices) {
  BuildPlan plan;
  plan.optimization = required_decision(resolution, "optimization", "level");
  plan.precision = required_decision(resolution, "precision", "precision");
  plan.calibration = required_decision(resolution, "calibration", "source");
  plan.calibration_fallback = required_decision(resolution, "calibration_fallback", "source");
  lay_choices(plan, choices);
  return plan;
}

void lay_choices(BuildPlan& plan, const BuildChoices& choices) {
  if (!choices.weights.empty()) plan.weights = choices.weights;
  if (choices.precision) choose_precision(plan.precision, *choices.precision);
  if (choices.calibration) choose_calibration(plan.calibration, *choices.calibration);
  if (choices.samples > 0) set(plan.calibration, "samples", choices.samples);
}

}  // namespace switchyard
