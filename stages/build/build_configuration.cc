#include "stages/build/build_configuration.h"

#include <algorithm>
#include <utility>

#include "engine/digest.h"
#include "engine/error.h"
#include "stages/build/config_changes.h"
#include "stages/build/resolution_json.h"
#include "stages/build/rules_read.h"
#include "stages/weights/open_weights.h"

namespace switchyard {
namespace {

const Value& part_of(const Value& config, const std::string& part) {
  static const Value kNothing;
  if (part.empty()) return config;
  const Value* inner = config.find(part);
  return inner != nullptr ? *inner : kNothing;
}

std::string digest_of(const Value& config) { return sha256_hex(config.to_json()); }

Value config_json(const ModelSource* source, const Resolution& resolution) {
  const Value written =
      source != nullptr ? part_of(source->config, resolution.config_part) : Value();
  const Map changes = config_changes(written, resolution.config);
  return Map{
      {"part", resolution.config_part.empty() ? Value() : Value(resolution.config_part)},
      {"values", changes},
      {"sha256", digest_of(with_changes(written, changes))},
  };
}

// Null where there are no weights that can be read: that is for the stage to say that needs them.
Value weights_json(const RuleBook& rules, const ModelSource* source, bool content) {
  if (source == nullptr) return {};
  List files;
  try {
    const Weights weights = open_weights(rules, *source);
    for (const WeightFile& file : weights.files()) {
      Map entry{{"file", file.path.filename().string()},
                {"bytes", static_cast<std::int64_t>(file.size)},
                {"header_sha256", file.header_digest}};
      if (content) entry.set("sha256", sha256_of_file(file.path));
      files.push_back(std::move(entry));
    }
  } catch (const Error&) {
    return {};
  }
  return files;
}

bool has_content(const Value& files) {
  if (!files.is_list() || files.as_list().empty()) return false;
  return files.as_list().front().find("sha256") != nullptr;
}

}  // namespace

namespace {

// What is decided for one graph.
void add_decisions(const ModelSource* source, const Resolution& resolution, const BuildPlan& plan,
                   Map& map) {
  for (const auto& [name, value] : resolution_json(resolution)) {
    if (name != "decisions") map.set(name, value);
  }
  map.set("axes", resolution.axes);
  map.set("part", resolution.part.empty() ? Value() : Value(resolution.part));
  map.set("options", resolution.options);
  map.set("config", config_json(source, resolution));
  map.set("weights", plan.weights);
  map.set("optimization", plan.optimization.value);
  map.set("precision", plan.precision.value);
  map.set("calibration", plan.calibration.value);
  map.set("calibration_fallback", plan.calibration_fallback.value);

  std::vector<Decision> decisions = resolution.decisions;
  for (const Decision* chosen :
       {&plan.optimization, &plan.precision, &plan.calibration, &plan.calibration_fallback}) {
    for (Decision& decision : decisions) {
      if (decision.name == chosen->name) decision = *chosen;
    }
  }
  map.set("decisions", decisions_json(decisions));
}

}  // namespace

Value build_configuration(const RuleBook& rules, const ModelSource* source,
                          const Resolution& resolution, const BuildPlan& plan,
                          const std::vector<BuildPart>& parts, const std::string& tool_version,
                          bool weight_content) {
  Map map{{"tool", "switchyard"}, {"version", tool_version}, {"rules", rules.digest()}};
  map.set("rules_read", rules_read(rules, resolution.recipe));
  map.set("model", source != nullptr ? Value(source->directory.string()) : Value());
  map.set("model_id", source != nullptr ? optional_text(source->model_id) : Value());
  map.set("revision", source != nullptr ? optional_text(source->revision) : Value());
  map.set("variant", source != nullptr ? optional_text(source->variant) : Value());
  map.set("weight_files", weights_json(rules, source, weight_content));
  add_decisions(source, resolution, plan, map);
  List of_parts;
  for (const BuildPart& part : parts) {
    Map decisions;
    add_decisions(source, part.resolution, part.plan, decisions);
    of_parts.push_back(std::move(decisions));
  }
  if (!parts.empty()) map.set("parts", std::move(of_parts));
  return map;
}

std::vector<std::string> replay_on(const RuleBook& rules, const ModelSource& source,
                                   RecordedBuild& recorded) {
  std::vector<std::string> warnings;
  Resolution& resolution = recorded.resolution;
  const std::string prefix = recorded.file + ": ";
  resolution.config =
      with_changes(part_of(source.config, resolution.config_part), recorded.config_changes);
  if (!recorded.config_digest.empty() && recorded.config_digest != digest_of(resolution.config)) {
    warnings.push_back(prefix + "config.json of " + source.directory.string() +
                       " is not what it was when this was written");
  }
  for (RecordedBuild& part : recorded.parts) {
    part.resolution.config =
        with_changes(part_of(source.config, part.resolution.config_part), part.config_changes);
  }
  if (recorded.rules_read.is_map()) {
    for (const auto& [name, digest] : rules_read(rules, resolution.recipe)) {
      const Value* then = recorded.rules_read.find(name);
      if (then != nullptr && *then == digest) continue;
      warnings.push_back(prefix + "the rules' " + name +
                         " is not what it was when this was written: the result may differ");
    }
  }
  if (recorded.weight_files.is_list()) {
    const Value now = weights_json(rules, &source, has_content(recorded.weight_files));
    // Weights that can't be read are the export's matter.
    if (now.is_list() && !(now == recorded.weight_files)) {
      warnings.push_back(prefix + "the weights in " + source.directory.string() +
                         " are not those this was written for");
    }
  }
  return warnings;
}

}  // namespace switchyard
