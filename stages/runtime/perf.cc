#include "stages/runtime/perf.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "engine/error.h"

namespace switchyard {
namespace {

double milliseconds_of_run(const Session& session, const NamedTensors& inputs) {
  const auto start = std::chrono::steady_clock::now();
  session.run(inputs);
  const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
  return spent.count();
}

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const double at = q * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (values[above] - values[below]) * (at - static_cast<double>(below));
}

Latency summarize(const std::vector<double>& times) {
  return {quantile(times, 0.5), quantile(times, 0.1), quantile(times, 0.9)};
}

NamedTensors inputs_of(const Session& session, const NamedTensors& drawn,
                       const std::filesystem::path& model) {
  NamedTensors taken;
  for (const IoInfo& info : session.inputs()) {
    const auto found = drawn.find(info.name);
    if (found == drawn.end()) {
      throw Error(ErrorKind::kModel, {model.string()},
                  "input '" + info.name + "' is none of the other model's",
                  "Compare two graphs of one model");
    }
    taken.insert(*found);
  }
  return taken;
}

}  // namespace

PerfResult compare_latency(const std::filesystem::path& a, const std::filesystem::path& b,
                           const PerfOptions& options) {
  const NamedTensors drawn = draw_inputs(plan_shared_inputs(a, b, options.hints), 1);
  SessionOptions session_options;
  session_options.threads = options.threads;
  const Session first(a, session_options);
  const Session second(b, session_options);
  const NamedTensors first_inputs = inputs_of(first, drawn, a);
  const NamedTensors second_inputs = inputs_of(second, drawn, b);
  for (int i = 0; i < options.warm_up; ++i) {
    first.run(first_inputs);
    second.run(second_inputs);
  }
  const int runs = std::max(options.runs, 1);
  std::vector<double> first_ms, second_ms, ratios;
  for (int i = 0; i < runs; ++i) {
    // Who goes first alternates: caches and clock speeds favour neither.
    if (i % 2 == 0) {
      first_ms.push_back(milliseconds_of_run(first, first_inputs));
      second_ms.push_back(milliseconds_of_run(second, second_inputs));
    } else {
      second_ms.push_back(milliseconds_of_run(second, second_inputs));
      first_ms.push_back(milliseconds_of_run(first, first_inputs));
    }
    ratios.push_back(second_ms.back() / std::max(first_ms.back(), 1e-9));
  }
  return {summarize(first_ms), summarize(second_ms), quantile(ratios, 0.5), runs};
}

Latency measure_latency(const std::filesystem::path& model, const PerfOptions& options) {
  const NamedTensors drawn = draw_inputs(plan_inputs(model, options.hints), 1);
  SessionOptions session_options;
  session_options.threads = options.threads;
  const Session session(model, session_options);
  for (int i = 0; i < options.warm_up; ++i) session.run(drawn);
  std::vector<double> times;
  for (int i = 0; i < std::max(options.runs, 1); ++i) {
    times.push_back(milliseconds_of_run(session, drawn));
  }
  return summarize(times);
}

}  // namespace switchyard
