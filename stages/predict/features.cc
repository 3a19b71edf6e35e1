#include "stages/predict/features.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "engine/error.h"
#include "engine/text.h"
#include "stages/calibrate/preprocess.h"

namespace switchyard {
namespace {

bool may_hold_features(const IoInfo& output) {
  return output.shape.size() >= 2 && output.shape.size() <= 4 &&
         is_convertible(output.dtype, "float32");
}

const std::string& feature_output(const ImageGraph& graph, const FeatureOptions& options) {
  const std::vector<IoInfo>& outputs = graph.outputs();
  for (const std::string& name : options.outputs) {
    const auto found = std::ranges::find(outputs, name, &IoInfo::name);
    if (found != outputs.end() && may_hold_features(*found)) return found->name;
  }
  if (outputs.size() == 1 && may_hold_features(outputs.front())) return outputs.front().name;
  throw Error(ErrorKind::kModel, Place{graph.file().string()},
              "this model gives no features: its outputs are " + describe(outputs),
              options.outputs.empty()
                  ? "Name the output under `features` in the evaluator's rule"
                  : "Features are looked for in " + join_names(options.outputs) +
                        "; the evaluator's rule may name others");
}

// The mean over `count` vectors whose elements lie `stride` apart; vectors begin `step` apart.
std::vector<float> mean(std::span<const float> values, std::size_t width, std::size_t stride,
                        std::size_t count, std::size_t step) {
  std::vector<float> pooled(width);
  for (std::size_t i = 0; i < width; ++i) {
    double sum = 0.0;
    for (std::size_t n = 0; n < count; ++n) sum += values[i * stride + n * step];
    pooled[i] = static_cast<float>(sum / static_cast<double>(count));
  }
  return pooled;
}

std::vector<float> pool(std::span<const float> values, std::span<const std::int64_t> shape,
                        FeatureOptions::Pooling pooling) {
  if (shape.size() == 2) {
    const std::size_t tokens = static_cast<std::size_t>(shape[0]);
    const std::size_t width = static_cast<std::size_t>(shape[1]);
    const bool first = pooling == FeatureOptions::Pooling::kFirstToken;
    return mean(values, width, 1, first ? 1 : tokens, width);
  }
  if (shape.size() == 3) {
    const std::size_t pixels = static_cast<std::size_t>(shape[1] * shape[2]);
    return mean(values, static_cast<std::size_t>(shape[0]), pixels, pixels, 1);
  }
  return {values.begin(), values.end()};
}

}  // namespace

std::vector<std::vector<float>> image_features(const ImageGraph& graph,
                                               const std::vector<std::filesystem::path>& images,
                                               const FeatureOptions& options) {
  const std::string& output = feature_output(graph, options);
  std::vector<std::vector<float>> rows;
  rows.reserve(images.size());
  graph.run(images, output, [&](std::size_t image, std::span<const float> values, auto shape) {
    rows.push_back(pool(values, shape, options.pooling));
    if (!std::ranges::all_of(rows.back(), [](float x) { return std::isfinite(x); })) {
      throw Error(
          ErrorKind::kModel, Place{images[image].string()},
          graph.file().string() + " gave a feature that is infinite or not a number for this image",
          "Compare the stages of the build with `switchyard verify`");
    }
    if (rows.back().size() != rows.front().size()) {
      throw Error(ErrorKind::kModel, Place{images[image].string()},
                  "output " + output + " has " + std::to_string(rows.back().size()) +
                      " features for this image and " + std::to_string(rows.front().size()) +
                      " for the first");
    }
  });
  return rows;
}

}  // namespace switchyard
