// What a build will do, decided before any stage runs. Needs no ONNX, so that `config` stays fast.
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
  std::string weights;  // auto, reference, embed, external; empty: auto
};

struct BuildPlan {
  Decision optimization;          // value: {level, ...}
  Decision precision;             // value: {precision, ...}
  Decision calibration;           // value: {source, samples, ...; path when the user gave one}
  Decision calibration_fallback;  // value: {source, samples}
  std::string weights = "auto";

  // Of the precision decision: whether the quantize stage runs.
  bool quantizes() const;
};

// Takes the resolution's decisions and lays the user's choices over them.
// Throws Error(kUsage): a precision that doesn't exist, a rule without the outputs a stage needs.
// Throws Error(kModel): the user's calibration path is not there.
BuildPlan plan_build(const Resolution& resolution, const BuildChoices& choices);

// Lays the user's choices over a plan that is there already, as a build configuration recorded it.
// `weights` empty: as recorded. Throws as plan_build does.
void lay_choices(BuildPlan& plan, const BuildChoices& choices);

}  // namespace switchyard
