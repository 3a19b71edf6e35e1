#include "stages/quantize/parameters.h"

#include <algorithm>
#include <cmath>

namespace switchyard {
namespace {

// Below this a reciprocal, or the product of two scales, leaves the range of float32.
constexpr float kSmallestScale = 1e-12f;
// int32's largest, with room for rounding in float arithmetic.
constexpr double kLargestBias = 2147483647.0 * 0.99;

}  // namespace

QuantParameters activation_parameters(Range range, bool is_signed) {
  const double low = std::min(0.0, static_cast<double>(range.min));
  const double high = std::max(0.0, static_cast<double>(range.max));
  QuantParameters parameters;
  parameters.scale = static_cast<float>((high - low) / 255.0);
  if (parameters.scale < kSmallestScale)
    parameters.scale = high > low ? kSmallestScale : 1.0f / 255.0f;
  const double zero = std::clamp(std::nearbyint(-low / parameters.scale), 0.0, 255.0);
  parameters.zero_point = static_cast<std::int32_t>(zero) - (is_signed ? 128 : 0);
  return parameters;
}

std::vector<float> channel_magnitudes(std::span<const float> weights, const ChannelLayout& layout) {
  std::vector<float> magnitudes(layout.channels, 0.0f);
  const auto inner = static_cast<std::size_t>(layout.inner);
  for (std::size_t begin = 0; begin < weights.size(); begin += inner) {
    float largest = 0.0f;
    for (std::size_t i = begin; i < begin + inner; ++i) {
      largest = std::max(largest, std::fabs(weights[i]));
    }
    float& magnitude = magnitudes[layout.channel_of(begin)];
    magnitude = std::max(magnitude, largest);
  }
  return magnitudes;
}

std::vector<float> weight_scales(std::span<const float> magnitudes) {
  std::vector<float> scales(magnitudes.size());
  std::transform(magnitudes.begin(), magnitudes.end(), scales.begin(),
                 [](float m) { return std::max(m / 127.0f, kSmallestScale); });
  return scales;
}

void widen_for_bias(std::span<float> scales, std::span<const float> bias, float input_scale) {
  const std::size_t channels = bias.size();
  for (std::size_t c = 0; c < channels; ++c) {
    float& scale = scales[scales.size() == 1 ? 0 : c];
    const double least = std::fabs(static_cast<double>(bias[c])) / (kLargestBias * input_scale);
    scale = std::max(scale, static_cast<float>(least));
  }
}

std::vector<std::int8_t> quantize_weights(std::span<const float> weights,
                                          std::span<const float> scales,
                                          const ChannelLayout& layout) {
  std::vector<std::int8_t> stored(weights.size());
  const auto inner = static_cast<std::size_t>(layout.inner);
  for (std::size_t begin = 0; begin < weights.size(); begin += inner) {
    const float scale = scales[layout.channel_of(begin)];
    for (std::size_t i = begin; i < begin + inner; ++i) {
      const float steps = std::nearbyint(weights[i] / scale);
      stored[i] = static_cast<std::int8_t>(std::clamp(steps, -127.0f, 127.0f));
    }
  }
  return stored;
}

std::vector<std::int32_t> quantize_bias(std::span<const float> bias,
                                        std::span<const float> bias_scales) {
  std::vector<std::int32_t> stored(bias.size());
  for (std::size_t c = 0; c < bias.size(); ++c) {
    const double scale = bias_scales[bias_scales.size() == 1 ? 0 : c];
    const double steps = std::nearbyint(static_cast<double>(bias[c]) / scale);
    stored[c] = static_cast<std::int32_t>(std::clamp(steps, -2147483647.0, 2147483647.0));
  }
  return stored;
}

}  // namespace switchyard
