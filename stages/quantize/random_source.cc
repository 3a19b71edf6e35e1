#include <utility>

#include "stages/quantize/calibration.h"

namespace switchyard {

RandomSource::RandomSource(std::vector<InputPlan> plan, int samples, std::uint64_t seed)
    : plan_(std::move(plan)), left_(samples), seed_(seed) {}

bool RandomSource::next(NamedTensors& inputs) {
  if (left_ <= 0) return false;
  --left_;
  inputs = draw_inputs(plan_, seed_++);
  return true;
}

}  // namespace switchyard
