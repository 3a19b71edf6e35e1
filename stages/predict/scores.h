// From one row of logits to ranked classes.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace switchyard {

enum class Activation {
  kSoftmax,  // one label a picture: the scores sum to 1
  kSigmoid,  // several labels may hold: each score for itself
};

// (class index, score), best first, equal scores by index; `top_k` is clamped to the row's length.
// Computed in double. Precondition: all logits are finite, `logits` is not empty.
std::vector<std::pair<std::size_t, double>> rank_classes(std::span<const float> logits,
                                                         Activation activation, std::size_t top_k);

}  // namespace switchyard
