#include "stages/predict/neighbours.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

namespace switchyard {
namespace {

// Several sums at once, so that the compiler can use vector registers and rounding stays small.
float dot(const float* a, const float* b, std::size_t size) {
  std::array<float, 8> sums{};
  std::size_t i = 0;
  for (; i + sums.size() <= size; i += sums.size()) {
    for (std::size_t lane = 0; lane < sums.size(); ++lane) {
      sums[lane] += a[i + lane] * b[i + lane];
    }
  }
  float sum = std::accumulate(sums.begin(), sums.end(), 0.0f);
  for (; i < size; ++i) sum += a[i] * b[i];
  return sum;
}

// Of length 1, in double where squares could overflow; zeros stay zeros.
std::vector<float> unit(const std::vector<float>& row) {
  double squares = 0.0;
  for (const float x : row) squares += static_cast<double>(x) * x;
  const double length = std::sqrt(squares);
  std::vector<float> scaled(row.size());
  for (std::size_t i = 0; i < row.size() && length > 0.0; ++i) {
    scaled[i] = static_cast<float>(row[i] / length);
  }
  return scaled;
}

struct Neighbour {
  float cosine;
  std::size_t row;
  bool operator<(const Neighbour& other) const {
    return cosine != other.cosine ? cosine > other.cosine : row < other.row;
  }
};

const std::string& voted(const std::vector<Neighbour>& nearest,
                         const std::vector<std::string>& labels, double temperature) {
  std::vector<std::pair<const std::string*, double>> votes;  // the nearest row's label first
  for (const Neighbour& neighbour : nearest) {
    const std::string& label = labels[neighbour.row];
    // Against the nearest, so that a small temperature does not overflow.
    const double weight =
        std::exp((static_cast<double>(neighbour.cosine) - nearest.front().cosine) / temperature);
    const auto found =
        std::ranges::find_if(votes, [&](const auto& vote) { return *vote.first == label; });
    if (found != votes.end()) {
      found->second += weight;
    } else {
      votes.emplace_back(&label, weight);
    }
  }
  return *std::ranges::max_element(votes, {}, [](const auto& vote) { return vote.second; })->first;
}

}  // namespace

std::vector<bool> neighbours_agree(const std::vector<std::vector<float>>& rows,
                                   const std::vector<std::string>& labels,
                                   const NeighbourOptions& options) {
  std::vector<std::vector<float>> units;
  units.reserve(rows.size());
  for (const auto& row : rows) units.push_back(unit(row));
  const std::size_t count =
      std::clamp<std::size_t>(options.neighbours, 1, std::max<std::size_t>(rows.size(), 2) - 1);
  std::vector<bool> agree(rows.size());
  std::vector<Neighbour> others, nearest(count);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    others.clear();
    for (std::size_t other = 0; other < rows.size(); ++other) {
      if (other == row) continue;
      others.push_back({dot(units[row].data(), units[other].data(), units[row].size()), other});
    }
    std::partial_sort_copy(others.begin(), others.end(), nearest.begin(), nearest.end());
    agree[row] = voted(nearest, labels, options.temperature) == labels[row];
  }
  return agree;
}

}  // namespace switchyard
