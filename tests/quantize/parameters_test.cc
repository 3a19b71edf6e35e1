#include "stages/quantize/parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace switchyard {
namespace {

using ::testing::ElementsAre;

TEST(ActivationParametersTest, RangesToScaleAndZeroPoint) {
  struct Case {
    Range range;
    bool is_signed;
    float scale;
    int zero_point;
  };
  const Case cases[] = {
      {{0.0f, 255.0f}, false, 1.0f, 0},      {{0.0f, 255.0f}, true, 1.0f, -128},
      {{-127.5f, 127.5f}, false, 1.0f, 128},  // 127.5 rounds to even
      {{-255.0f, 0.0f}, false, 1.0f, 255},   {{10.0f, 51.0f}, false, 0.2f, 0},  // widened to hold 0
      {{-51.0f, -10.0f}, false, 0.2f, 255},  {{0.0f, 0.0f}, false, 1.0f / 255.0f, 0},
  };
  for (const Case& c : cases) {
    const QuantParameters got = activation_parameters(c.range, c.is_signed);
    EXPECT_FLOAT_EQ(got.scale, c.scale) << c.range.min << " " << c.range.max;
    EXPECT_EQ(got.zero_point, c.zero_point) << c.range.min << " " << c.range.max;
  }
}

TEST(ActivationParametersTest, ExtremeRangesStayUsable) {
  const QuantParameters tiny = activation_parameters({-1e-30f, 1e-30f}, false);
  EXPECT_GT(tiny.scale, 0.0f);
  EXPECT_TRUE(std::isfinite(1.0f / tiny.scale));
  const QuantParameters huge = activation_parameters({-3.4e38f, 3.4e38f}, false);
  EXPECT_TRUE(std::isfinite(huge.scale));
  EXPECT_EQ(huge.zero_point, 128);
}

TEST(ActivationParametersTest, EveryValueOfTheRangeIsWithinHalfAStep) {
  for (const Range range : {Range{-1.0f, 3.0f}, Range{-0.01f, 7.3f}, Range{-5.0f, 0.2f}}) {
    const QuantParameters p = activation_parameters(range, false);
    for (int i = 0; i <= 1000; ++i) {
      const float real = range.min + (range.max - range.min) * static_cast<float>(i) / 1000.0f;
      const float stored = std::nearbyint(real / p.scale) + static_cast<float>(p.zero_point);
      // The zero point is rounded, so the ends may lie half a step outside.
      ASSERT_GE(stored, -1.0f);
      ASSERT_LE(stored, 256.0f);
      const float back =
          (std::clamp(stored, 0.0f, 255.0f) - static_cast<float>(p.zero_point)) * p.scale;
      ASSERT_NEAR(back, real, p.scale * 1.01f);
    }
  }
}

TEST(WeightTest, ChannelsAlongAnyAxis) {
  const std::vector<float> weights = {1, -2, 3, 4, -5, 6};  // 2 x 3
  EXPECT_THAT(channel_magnitudes(weights, {2, 3}), ElementsAre(3, 6));
  EXPECT_THAT(channel_magnitudes(weights, {3, 1}), ElementsAre(4, 5, 6));
  EXPECT_THAT(channel_magnitudes(weights, {1, 6}), ElementsAre(6));
}

TEST(WeightTest, SymmetricAndWithinOneHundredTwentySeven) {
  const std::vector<float> weights = {-1.27f, 0.635f, 0.0f, 2.54f, -0.02f, 0.05f};
  const ChannelLayout layout{2, 3};
  const auto scales = weight_scales(channel_magnitudes(weights, layout));
  EXPECT_FLOAT_EQ(scales[0], 0.01f);
  EXPECT_FLOAT_EQ(scales[1], 0.02f);
  const auto stored = quantize_weights(weights, scales, layout);
  EXPECT_EQ(stored[0], -127);
  EXPECT_EQ(stored[2], 0);
  EXPECT_EQ(stored[3], 127);
  EXPECT_EQ(stored[4], -1);
}

TEST(BiasTest, FitsAnInt32EvenInADeadChannel) {
  // Channel 1 has no weights at all, but a bias: what folding a batch norm leaves of a dead
  // channel.
  std::vector<float> scales = weight_scales(std::vector<float>{1.27f, 0.0f, 1e-8f});
  const std::vector<float> bias = {0.5f, 3.0f, -40.0f};
  const float input_scale = 0.02f;
  widen_for_bias(scales, bias, input_scale);
  EXPECT_FLOAT_EQ(scales[0], 0.01f) << "what fits is left alone";
  std::vector<float> bias_scales;
  for (const float s : scales) bias_scales.push_back(s * input_scale);
  const auto stored = quantize_bias(bias, bias_scales);
  for (std::size_t c = 0; c < bias.size(); ++c) {
    EXPECT_NEAR(static_cast<double>(stored[c]) * bias_scales[c], bias[c],
                1e-4 * std::fabs(bias[c]));
    EXPECT_LT(std::abs(static_cast<double>(stored[c])), 2147483647.0);
  }
}

}  // namespace
}  // namespace switchyard
