// k-nearest-neighbour accuracy of features: does an image's neighbourhood tell its label?
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace switchyard {

struct NeighbourOptions {
  std::size_t neighbours = 20;  // that vote; at least 1, clamped to the other images
  double temperature = 0.07;    // a vote weighs exp(cosine / temperature); above 0
};

// Leave-one-out: each row is given the label for which its nearest other rows, by cosine, vote
// most. Returns for each row whether that is its own label. Rows of zeros have cosine 0 with all.
// Equal cosines: the earlier row is nearer; equal votes: the label of the nearest row among them.
// Precondition: as many labels as rows, two rows at least, rows of one length with finite values.
std::vector<bool> neighbours_agree(const std::vector<std::vector<float>>& rows,
                                   const std::vector<std::string>& labels,
                                   const NeighbourOptions& options);

}  // namespace switchyard
