// The build configuration: what `config` prints and build.json records, decided before any stage
// runs. Needs no ONNX, so that `config` stays fast.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "engine/rule_book.h"
#include "engine/value.h"
#include "stages/checkpoint/checkpoint.h"
#include "stages/resolve/resolve.h"

namespace switchyard {

// What the user said about the build itself; nothing: the rules decide.
struct BuildChoices {
  std::optional<std::string> precision;  // "fp32" or "int8"
  std::optional<std::filesystem::path> calibration;
  int samples = 0;               // 0: as the calibration decision says
  std::string weights = "auto";  // auto, reference, embed, external
};

struct BuildPlan {
  Decision optimization;          // value: {level, ...}
  Decision precision;             // value: {precision, ...}
  Decision calibration;           // value: {source, samples, ...; path when the user gave one}
  Decision calibration_fallback;  // value: {source, samples}
  std::string weights;

  // Of the precision decision: whether the quantize stage runs.
  bool quantizes() const;
};

// Takes the resolution's decisions and lays the user's choices over them.
// Throws Error(kUsage): a precision that doesn't exist, a rule without the outputs a stage needs.
// Throws Error(kModel): the user's calibration path is not there.
BuildPlan plan_build(const Resolution& resolution, const BuildChoices& choices);

// Everything decided, with rule ids and sources: build.json.
Value build_configuration(const RuleBook& rules, const ModelSource* source,
                          const Resolution& resolution, const BuildPlan& plan,
                          const std::string& tool_version);

}  // namespace switchyard
