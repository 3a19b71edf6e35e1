// Ranges of activations, measured while calibration data runs through the graph.
//
// The graph is instrumented: each observed tensor is reduced to its minimum and maximum inside ONNX
// Runtime, so two numbers a tensor leave a run, whatever the tensor's size.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "stages/quantize/calibration.h"
#include "stages/quantize/parameters.h"
#include "stages/runtime/session.h"

namespace onnx {
class ModelProto;
}

namespace switchyard {

// Running minimum and maximum of each tensor. Not thread-safe.
class RangeCollector {
 public:
  explicit RangeCollector(std::vector<std::string> tensors);

  // The names of the instrumented graph's outputs for tensor i, in graph order.
  static std::string min_output(std::size_t i);
  static std::string max_output(std::size_t i);

  // Takes what one run of the instrumented graph returned. Throws Error(kModel) naming the tensor
  // whose range is NaN or infinite.
  void observe(const NamedTensors& outputs);
  // Throws Error(kModel) when nothing was observed.
  std::map<std::string, Range> ranges() const;
  std::size_t runs() const { return runs_; }

 private:
  std::vector<std::string> tensors_;
  std::vector<Range> ranges_;
  std::size_t runs_ = 0;
};

// Makes `model` return nothing but the minimum and maximum of `tensors`, as RangeCollector wants
// them.
void instrument(onnx::ModelProto& model, const std::vector<std::string>& tensors);

// Runs all of `source` through the instrumented model in `file`. Inputs that the graph lacks are
// left out. `threads` as in SessionOptions. Throws Error(kModel).
void calibrate(const std::filesystem::path& file, CalibrationSource& source,
               RangeCollector& collector, int threads = 0);

}  // namespace switchyard
