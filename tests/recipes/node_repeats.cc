#include "tests/recipes/node_repeats.h"

#include <algorithm>
#include <sstream>
#include <vector>

namespace switchyard::recipes_test {
namespace {

constexpr std::size_t kLongest = 400;   // lines of one repetition
constexpr std::size_t kWorthwhile = 2;  // lines saved, at the least

// "/layer.12/dense/Gemm: ..." -> "/layer.#/dense/Gemm: ...", in the node's name and in weights of other scopes.
std::string without_indices(const std::string& line) {
  std::string text;
  for (std::size_t i = 0; i < line.size(); ++i) {
    text += line[i];
    const bool index = (line[i] == '.' || line[i] == '_') && i + 1 < line.size() && std::isdigit(static_cast<unsigned char>(line[i + 1]));
    if (!index || line.find(':') < i) continue;
    text += '#';
    while (i + 1 < line.size() && std::isdigit(static_cast<unsigned char>(line[i + 1]))) ++i;
  }
  return text;
}

}  // namespace

std::string without_repeats(const std::string& lines) {
  std::vector<std::string> all, plain;
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) {
    plain.push_back(without_indices(line));
    all.push_back(std::move(line));
  }
  std::string text;
  for (std::size_t i = 0; i < all.size();) {
    std::size_t best_length = 0, best_count = 0;
    for (std::size_t length = 1; length <= kLongest && i + 2 * length <= all.size(); ++length) {
      std::size_t count = 0;
      while (i + (count + 2) * length <= all.size() &&
             std::equal(plain.begin() + static_cast<std::ptrdiff_t>(i), plain.begin() + static_cast<std::ptrdiff_t>(i + length),
                        plain.begin() + static_cast<std::ptrdiff_t>(i + (count + 1) * length))) {
        ++count;
      }
      if (count * length > best_count * best_length) {
        best_count = count;
        best_length = length;
      }
    }
    if (best_count * best_length < kWorthwhile) {
      text += all[i++] + "\n";
      continue;
    }
    for (std::size_t k = 0; k < best_length; ++k) text += all[i + k] + "\n";
    i += best_length * (best_count + 1);
    text += "  ... " + std::to_string(best_count) + " more of these " + std::to_string(best_length) + ", to " +
            all[i - 1].substr(0, all[i - 1].find(':')) + "\n";
  }
  return text;
}

}  // namespace switchyard::recipes_test
