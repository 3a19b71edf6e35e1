// Where calibration data comes from: anything that yields a graph's inputs one run after another.
#pragma once

#include <cstdint>
#include <vector>

#include "stages/runtime/random_inputs.h"
#include "stages/runtime/session.h"

namespace switchyard {

// Owned and called by one thread.
class CalibrationSource {
 public:
  virtual ~CalibrationSource() = default;

  // Replaces `inputs` with the next run's: one sample or a whole batch, under the graph's own input
  // names, dtypes and ranks. False when there are no more; `inputs` is then unspecified.
  // Throws Error(kModel) when a sample can't be read.
  virtual bool next(NamedTensors& inputs) = 0;
};

// `samples` random draws from a graph's own inputs. Deterministic: the same plan and seed give the
// same data on every machine.
class RandomSource : public CalibrationSource {
 public:
  RandomSource(std::vector<InputPlan> plan, int samples, std::uint64_t seed = 1);
  bool next(NamedTensors& inputs) override;

 private:
  std::vector<InputPlan> plan_;
  int left_;
  std::uint64_t seed_;
};

}  // namespace switchyard
