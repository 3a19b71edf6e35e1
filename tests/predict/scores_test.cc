#include "stages/predict/scores.h"

#include <gtest/gtest.h>

#include <cmath>

namespace switchyard {
namespace {

using Ranked = std::vector<std::pair<std::size_t, double>>;

TEST(RankClasses, SoftmaxSumsToOneAndIsOrdered) {
  const std::vector<float> logits = {1.0f, 3.0f, 2.0f};
  const Ranked ranked = rank_classes(logits, Activation::kSoftmax, 3);
  ASSERT_EQ(ranked.size(), 3u);
  EXPECT_EQ(ranked[0].first, 1u);
  EXPECT_EQ(ranked[1].first, 2u);
  EXPECT_EQ(ranked[2].first, 0u);
  EXPECT_NEAR(ranked[0].second, 0.66524096, 1e-8);
  EXPECT_NEAR(ranked[0].second + ranked[1].second + ranked[2].second, 1.0, 1e-12);
}

TEST(RankClasses, LargeLogitsDoNotOverflow) {
  const Ranked ranked =
      rank_classes(std::vector<float>{3e38f, -3e38f, 0.0f}, Activation::kSoftmax, 3);
  EXPECT_EQ(ranked[0], (std::pair<std::size_t, double>{0, 1.0}));
  // Both others have the score 0; the greater logit still comes first.
  EXPECT_EQ(ranked[1].first, 2u);
  EXPECT_EQ(ranked[2].first, 1u);
}

TEST(RankClasses, EqualLogitsKeepTheOrderOfTheIndices) {
  const Ranked ranked = rank_classes(std::vector<float>{1, 2, 1, 2, 1}, Activation::kSoftmax, 5);
  std::vector<std::size_t> order;
  for (const auto& entry : ranked) order.push_back(entry.first);
  EXPECT_EQ(order, (std::vector<std::size_t>{1, 3, 0, 2, 4}));
}

TEST(RankClasses, TopKIsClamped) {
  const std::vector<float> logits = {1.0f, 3.0f};
  EXPECT_EQ(rank_classes(logits, Activation::kSoftmax, 5).size(), 2u);
  EXPECT_EQ(rank_classes(logits, Activation::kSoftmax, 1).size(), 1u);
  EXPECT_EQ(rank_classes(logits, Activation::kSoftmax, 0).size(), 1u);
}

TEST(RankClasses, SigmoidScoresEachClassForItself) {
  const Ranked ranked = rank_classes(std::vector<float>{0.0f, 2.0f}, Activation::kSigmoid, 2);
  EXPECT_EQ(ranked[0].first, 1u);
  EXPECT_NEAR(ranked[0].second, 1.0 / (1.0 + std::exp(-2.0)), 1e-12);
  EXPECT_DOUBLE_EQ(ranked[1].second, 0.5);
}

}  // namespace
}  // namespace switchyard
