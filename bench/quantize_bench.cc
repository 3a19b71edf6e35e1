// What calibrated quantization costs beyond running its calibration data.
//
//   quantize_bench [--samples N] MODEL.onnx...      (an optimized float model; N random samples,
//   100)
//
// Prints for each model the whole time of quantize_model(), the time its instrumented graph took to
// run the samples, and their ratio (budget 1.3, aim 1.1). The samples are drawn before the clock
// starts. Both times come from one run, so a slow machine slows both.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/error.h"
#include "stages/quantize/quantize.h"
#include "stages/runtime/random_inputs.h"
#include "stages/runtime/session.h"

namespace {

using namespace switchyard;
using Clock = std::chrono::steady_clock;

// Hands out samples and counts the time until the next one is asked for: one run of the graph.
class TimedSource : public CalibrationSource {
 public:
  explicit TimedSource(std::vector<NamedTensors> samples) : samples_(std::move(samples)) {}

  bool next(NamedTensors& inputs) override {
    if (given_ > 0) running_ += Clock::now() - handed_out_;
    if (given_ == samples_.size()) return false;
    inputs = std::move(samples_[given_++]);
    handed_out_ = Clock::now();
    return true;
  }
  double running_seconds() const { return std::chrono::duration<double>(running_).count(); }

 private:
  std::vector<NamedTensors> samples_;
  std::size_t given_ = 0;
  Clock::time_point handed_out_;
  Clock::duration running_{};
};

void measure(const std::filesystem::path& model, int samples) {
  const auto plan = plan_inputs(model);
  std::vector<NamedTensors> drawn;
  for (int i = 0; i < samples; ++i) drawn.push_back(draw_inputs(plan, i + 1));
  TimedSource source(std::move(drawn));
  // Beside the model: its weights may lie outside the graph.
  const std::filesystem::path output =
      model.string() + "." + std::to_string(getpid()) + ".bench.tmp";
  const QuantizeReport report = quantize_model(model, output, source);
  std::filesystem::remove(output);
  std::printf("%-50s %8.3f s  %8.3f s  %6.3f\n", model.c_str(), report.seconds,
              source.running_seconds(), report.seconds / source.running_seconds());
}

}  // namespace

int main(int argc, char** argv) {
  int samples = 100;
  try {
    for (int i = 1; i < argc; ++i) {
      if (std::string(argv[i]) == "--samples" && i + 1 < argc) {
        samples = std::stoi(argv[++i]);
      } else {
        measure(argv[i], samples);
      }
    }
  } catch (const Error& e) {
    std::fprintf(stderr, "quantize_bench: %s\n", e.what());
    return e.exit_status();
  }
  return 0;
}
