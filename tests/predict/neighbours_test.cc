// Votes of nearest neighbours.
#include "stages/predict/neighbours.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace switchyard {
namespace {

using Rows = std::vector<std::vector<float>>;

TEST(Neighbours, NearestOneDecides) {
  // By angle: lengths do not matter.
  const Rows rows = {{1, 0}, {100, 1}, {0, 1}, {1, 50}};
  EXPECT_EQ(neighbours_agree(rows, {"a", "a", "b", "b"}, {.neighbours = 1}),
            (std::vector<bool>{true, true, true, true}));
  EXPECT_EQ(neighbours_agree(rows, {"a", "b", "b", "a"}, {.neighbours = 1}),
            (std::vector<bool>{false, false, false, false}));
}

TEST(Neighbours, RowIsNotItsOwnNeighbour) {
  const Rows rows = {{1, 0}, {0, 1}};
  EXPECT_EQ(neighbours_agree(rows, {"a", "b"}, {.neighbours = 5}),
            (std::vector<bool>{false, false}));
}

TEST(Neighbours, VotesAreWeighedByTheTemperature) {
  // Row 0 has one neighbour near (cosine 0.995), two farther away (0.707).
  const Rows rows = {{1, 0}, {1, 0.1f}, {1, 1}, {1, -1}};
  const std::vector<std::string> labels = {"a", "a", "b", "b"};
  // Cold: the near one. Hot: the majority.
  EXPECT_TRUE(neighbours_agree(rows, labels, {.neighbours = 3, .temperature = 0.01})[0]);
  EXPECT_FALSE(neighbours_agree(rows, labels, {.neighbours = 3, .temperature = 10})[0]);
  // exp((0.995 - 0.707) / t) = 2 at t = 0.4155
  EXPECT_TRUE(neighbours_agree(rows, labels, {.neighbours = 3, .temperature = 0.41})[0]);
  EXPECT_FALSE(neighbours_agree(rows, labels, {.neighbours = 3, .temperature = 0.42})[0]);
}

TEST(Neighbours, ZerosAndHugeValuesHaveAnAngle) {
  const Rows rows = {{0, 0}, {3e38f, 3e38f}, {1e-30f, 1e-30f}, {-1, 1}};
  const auto agree = neighbours_agree(rows, {"a", "b", "b", "a"}, {.neighbours = 1});
  EXPECT_TRUE(agree[1]);
  EXPECT_TRUE(agree[2]);
}

TEST(Neighbours, TieGoesToTheEarlierRow) {
  const Rows rows = {{1, 0}, {0, 1}, {0, 1}};
  EXPECT_TRUE(neighbours_agree(rows, {"b", "b", "a"}, {.neighbours = 1})[0]);
  EXPECT_FALSE(neighbours_agree(rows, {"b", "a", "b"}, {.neighbours = 1})[0]);
}

// The same by the definition, in double, without shortcuts.
TEST(Neighbours, AgreeWithTheDefinition) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  constexpr std::size_t kRows = 60, kWidth = 37;
  Rows rows;
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < kRows; ++i) {
    std::vector<float> row(kWidth);
    for (float& x : row) x = normal(random);
    row[i % 4] += 4.0f;
    rows.push_back(row);
    labels.push_back(std::to_string(i % 4));
  }
  const auto cosine = [&](std::size_t a, std::size_t b) {
    double ab = 0, aa = 0, bb = 0;
    for (std::size_t i = 0; i < kWidth; ++i) {
      ab += double(rows[a][i]) * rows[b][i];
      aa += double(rows[a][i]) * rows[a][i];
      bb += double(rows[b][i]) * rows[b][i];
    }
    return ab / std::sqrt(aa * bb);
  };
  const auto agree = neighbours_agree(rows, labels, {.neighbours = 20, .temperature = 0.07});
  std::size_t correct = 0;
  for (std::size_t i = 0; i < kRows; ++i) {
    std::vector<std::pair<double, std::size_t>> others;
    for (std::size_t j = 0; j < kRows; ++j) {
      if (j != i) others.emplace_back(-cosine(i, j), j);
    }
    std::sort(others.begin(), others.end());
    double votes[4] = {};
    for (std::size_t n = 0; n < 20; ++n) {
      votes[others[n].second % 4] += std::exp(-others[n].first / 0.07);
    }
    const bool right = std::max_element(votes, votes + 4) - votes == static_cast<int>(i % 4);
    EXPECT_EQ(agree[i], right) << i;
    correct += right;
  }
  EXPECT_GT(correct, 45u);
  EXPECT_LT(correct, 60u);  // or the test could not tell right from wrong
}

}  // namespace
}  // namespace switchyard
