// Verify: two graphs on the same inputs, output by output.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/value.h"
#include "stages/quantize/calibration.h"
#include "stages/runtime/random_inputs.h"

namespace switchyard {

// What an output must reach. Nothing set: the numbers are only reported.
struct VerifyThresholds {
  std::optional<double> min_sqnr_db;
  std::optional<double> min_cosine;
  std::optional<double> max_abs_difference;
  std::optional<double> min_top1_agreement;  // 0 to 1
};

struct OutputComparison {
  std::string name;
  std::string dtype;
  std::size_t elements = 0;  // over all samples
  double sqnr_db = 0.0;      // 10 log10(signal / noise power); infinite when equal
  double cosine = 0.0;       // of the two outputs as vectors
  double max_abs_difference = 0.0;
  std::optional<double> top1_agreement;  // share of equal argmax along the last axis; rank >= 2
  std::vector<std::string> failures;     // thresholds missed, "sqnr 12.1 dB is below 20 dB"
};

struct VerifyResult {
  std::vector<OutputComparison> outputs;
  std::size_t samples = 0;
  bool passed = true;

  // For --format json. Infinite numbers are null.
  Value to_value() const;
  // For a terminal: one row an output, then the failures.
  std::string table() const;
};

// Runs both on every sample of `source`. The two must have the same inputs and outputs by name,
// dtype and rank. Throws Error(kModel): they don't, outputs of different shapes, NaN in only one of
// them, no samples.
VerifyResult verify_models(const std::filesystem::path& reference,
                           const std::filesystem::path& candidate, CalibrationSource& source,
                           const VerifyThresholds& thresholds = {});

// On `samples` random draws from the reference's own inputs.
VerifyResult verify_models(const std::filesystem::path& reference,
                           const std::filesystem::path& candidate, int samples,
                           const InputHints& hints = {}, const VerifyThresholds& thresholds = {});

}  // namespace switchyard
