#include "stages/predict/scores.h"

#include <algorithm>
#include <cmath>

namespace switchyard {

std::vector<std::pair<std::size_t, double>> rank_classes(std::span<const float> logits,
                                                         Activation activation, std::size_t top_k) {
  std::vector<std::pair<std::size_t, double>> ranked(logits.size());
  // Subtracting the greatest keeps exp() from overflowing.
  const double greatest = *std::max_element(logits.begin(), logits.end());
  double sum = 0.0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double logit = logits[i];
    const double score = activation == Activation::kSoftmax ? std::exp(logit - greatest)
                                                            : 1.0 / (1.0 + std::exp(-logit));
    ranked[i] = {i, score};
    sum += score;
  }
  if (activation == Activation::kSoftmax)
    for (auto& entry : ranked) entry.second /= sum;
  const std::size_t kept = std::min(std::max<std::size_t>(top_k, 1), ranked.size());
  // By logit, not by score: far apart logits may underflow to the same score.
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(kept),
                    ranked.end(), [&](const auto& a, const auto& b) {
                      return logits[a.first] != logits[b.first] ? logits[a.first] > logits[b.first]
                                                                : a.first < b.first;
                    });
  ranked.resize(kept);
  return ranked;
}

}  // namespace switchyard
