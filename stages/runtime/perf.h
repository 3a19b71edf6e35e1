// Latency of two models side by side, on the same inputs, in interleaved pairs: what disturbs the
// machine disturbs both.
#pragma once

#include <filesystem>

#include "stages/runtime/random_inputs.h"
#include "stages/runtime/session.h"

namespace switchyard {

struct PerfOptions {
  int warm_up = 5;  // pairs that are not counted
  int runs = 50;    // pairs that are
  int threads = 0;  // of ONNX Runtime; 0: its own choice
  InputHints hints;
};

struct Latency {
  double median_ms = 0.0;
  double p10_ms = 0.0;
  double p90_ms = 0.0;
};

struct PerfResult {
  Latency a;
  Latency b;
  double ratio = 0.0;  // median over the pairs of b's time by a's
  int runs = 0;
};

// `b` is given a's inputs; every input of `b` must be one of a's. Throws Error(kModel).
PerfResult compare_latency(const std::filesystem::path& a, const std::filesystem::path& b,
                           const PerfOptions& options = {});

// One model alone.
Latency measure_latency(const std::filesystem::path& model, const PerfOptions& options = {});

}  // namespace switchyard
