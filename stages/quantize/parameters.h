// The arithmetic of quantization: from ranges and weights to scales, zero points and integers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace switchyard {

// Of a tensor's elements over all calibration samples.
struct Range {
  float min = 0.0f;
  float max = 0.0f;
};

// real = (stored - zero_point) * scale. The zero point is in the units of the stored type.
struct QuantParameters {
  float scale = 1.0f;
  std::int32_t zero_point = 0;
};

// Asymmetric, min-max. The range is widened to hold 0, so that padding and Relu stay exact; an
// empty range (all zeros) gets a scale that is small but safe.
QuantParameters activation_parameters(Range range, bool is_signed);

// A weight seen as `channels` slices along one axis: element i belongs to channel
// (i / inner) % channels.
struct ChannelLayout {
  std::int64_t channels = 1;
  std::int64_t inner = 1;

  std::size_t channel_of(std::size_t i) const { return i / inner % channels; }
};

// Largest magnitude of each channel.
std::vector<float> channel_magnitudes(std::span<const float> weights, const ChannelLayout& layout);

// Symmetric int8 in [-127, 127]: a scale for each magnitude. A channel of zeros gets the smallest
// scale that means something, see widen_for_bias.
std::vector<float> weight_scales(std::span<const float> magnitudes);

// A bias is stored as int32 in units of input scale * weight scale. Where that would overflow, the
// channel's weight scale is widened until it fits.
void widen_for_bias(std::span<float> scales, std::span<const float> bias, float input_scale);

std::vector<std::int8_t> quantize_weights(std::span<const float> weights,
                                          std::span<const float> scales,
                                          const ChannelLayout& layout);

// bias_scales[c] = input_scale * weight_scales[c].
std::vector<std::int32_t> quantize_bias(std::span<const float> bias,
                                        std::span<const float> bias_scales);

}  // namespace switchyard
