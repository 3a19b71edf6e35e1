#include "stages/build/quantize_step.h"

#include <map>
#include <utility>

#include "stages/calibrate/make_calibration.h"
#include "stages/quantize/quantize.h"

namespace switchyard {
namespace {

int samples_of(const Value& decision, int otherwise) {
  const Value* samples = decision.find("samples");
  return samples != nullptr && samples->is_int() ? static_cast<int>(samples->as_int()) : otherwise;
}

CalibrationRequest request_of(const BuildPlan& plan) {
  CalibrationRequest request;
  request.source = plan.calibration.value.find("source")->as_string();
  request.samples = samples_of(plan.calibration.value, request.samples);
  request.fallback_samples = samples_of(plan.calibration_fallback.value, request.fallback_samples);
  if (const Value* path = plan.calibration.value.find("path")) request.data = path->as_string();
  return request;
}

std::string counts_text(const std::map<std::string, std::size_t>& counts) {
  std::string text;
  for (const auto& [type, count] : counts) {
    text += (text.empty() ? "" : ", ") + type + " " + std::to_string(count);
  }
  return text;
}

}  // namespace

QuantizeStepReport quantize_by_plan(const BuildPlan& plan,
                                    const std::optional<ImagePreprocessing>& preprocessing,
                                    const std::filesystem::path& input,
                                    const std::filesystem::path& output) {
  CalibrationChoice choice = make_calibration(request_of(plan), input, preprocessing);
  const QuantizeReport done =
      quantize_model(input, output, *choice.source, quantize_options(plan.precision.value));

  QuantizeStepReport report;
  report.calibration = choice.record();
  report.data = done.data;
  report.warnings = std::move(choice.warnings);
  report.warnings.insert(report.warnings.end(), done.warnings.begin(), done.warnings.end());
  report.notes.push_back("int8: " + counts_text(done.quantized));
  if (!done.float_by_type.empty()) {
    report.notes.push_back("float: " + counts_text(done.float_by_type));
  }
  for (const FloatNode& node : done.kept_float) {
    report.notes.push_back("kept in float: " + node.op_type + " " + node.node + ": " + node.reason);
  }
  return report;
}

}  // namespace switchyard
