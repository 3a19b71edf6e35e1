// The quantize stage: calibration data as decided or given, then int8.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/value.h"
#include "stages/build/build_plan.h"
#include "stages/checkpoint/preprocessing.h"

namespace switchyard {

struct QuantizeStepReport {
  Value calibration;               // {requested, used, reason, samples}
  std::vector<std::string> data;   // files beside `output` that hold its weights, by name
  std::vector<std::string> notes;  // what was quantized, what stayed float and why
  std::vector<std::string> warnings;
};

// Throws as make_calibration and quantize_model do.
QuantizeStepReport quantize_by_plan(const BuildPlan& plan,
                                    const std::optional<ImagePreprocessing>& preprocessing,
                                    const std::filesystem::path& input,
                                    const std::filesystem::path& output);

}  // namespace switchyard
