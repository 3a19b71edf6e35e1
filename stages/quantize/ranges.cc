#include "stages/quantize/ranges.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/error.h"

namespace switchyard {

RangeCollector::RangeCollector(std::vector<std::string> tensors)
    : tensors_(std::move(tensors)), ranges_(tensors_.size()) {}

std::string RangeCollector::min_output(std::size_t i) { return "min:" + std::to_string(i); }
std::string RangeCollector::max_output(std::size_t i) { return "max:" + std::to_string(i); }

void RangeCollector::observe(const NamedTensors& outputs) {
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    const float low = *outputs.at(min_output(i)).as<float>();
    const float high = *outputs.at(max_output(i)).as<float>();
    if (!std::isfinite(low) || !std::isfinite(high)) {
      throw Error(
          ErrorKind::kModel, {},
          "calibration run " + std::to_string(runs_ + 1) + " gives values in '" + tensors_[i] +
              "' that are not finite",
          "Keep the operator that reads it in float (keep_float in the precision rules), or "
          "look at the calibration data");
    }
    Range& range = ranges_[i];
    range.min = runs_ ? std::min(range.min, low) : low;
    range.max = runs_ ? std::max(range.max, high) : high;
  }
  ++runs_;
}

std::map<std::string, Range> RangeCollector::ranges() const {
  if (runs_ == 0) {
    throw Error(ErrorKind::kModel, {}, "there was no calibration data to measure ranges on",
                "Name a folder with --calibration");
  }
  std::map<std::string, Range> named;
  for (std::size_t i = 0; i < tensors_.size(); ++i) named.emplace(tensors_[i], ranges_[i]);
  return named;
}

void calibrate(const std::filesystem::path& file, CalibrationSource& source,
               RangeCollector& collector, int threads) {
  SessionOptions options;
  options.threads = threads;
  const Session session(file, options);
  NamedTensors inputs;
  while (source.next(inputs)) {
    std::erase_if(inputs, [&](const auto& entry) {
      return std::none_of(session.inputs().begin(), session.inputs().end(),
                          [&](const IoInfo& info) { return info.name == entry.first; });
    });
    collector.observe(session.run(inputs));
  }
}

}  // namespace switchyard
