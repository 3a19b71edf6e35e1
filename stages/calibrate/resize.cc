#include "stages/calibrate/resize.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace switchyard {
namespace {

// 8 bits for the pixel, 2 for overshoot of the bicubic and Lanczos lobes.
constexpr int kPrecisionBits = 32 - 8 - 2;
constexpr int kChannels = 3;

double box(double x) { return x > -0.5 && x <= 0.5 ? 1.0 : 0.0; }

double triangle(double x) {
  x = std::fabs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

double hamming(double x) {
  x = std::fabs(x);
  if (x == 0.0) return 1.0;
  if (x >= 1.0) return 0.0;
  x *= std::numbers::pi;
  return std::sin(x) / x * (0.54f + 0.46f * std::cos(x));  // Pillow has these as float
}

double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::fabs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

double sinc(double x) {
  if (x == 0.0) return 1.0;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double lanczos(double x) { return x >= -3.0 && x < 3.0 ? sinc(x) * sinc(x / 3) : 0.0; }

struct Kernel {
  double (*weight)(double);
  double support;
};

Kernel kernel_of(Interpolation filter) {
  switch (filter) {
    case Interpolation::kBox:
      return {box, 0.5};
    case Interpolation::kHamming:
      return {hamming, 1.0};
    case Interpolation::kBicubic:
      return {bicubic, 2.0};
    case Interpolation::kLanczos:
      return {lanczos, 3.0};
    default:
      return {triangle, 1.0};
  }
}

// For each output position: where its window begins in the input, and the weights over it.
struct Windows {
  struct Window {
    int first;
    int count;
    std::size_t weights;  // index into `weights`
  };
  std::vector<Window> windows;
  std::vector<int> weights;
};

Windows windows_for(int in_size, int out_size, Kernel kernel) {
  const double scale = static_cast<double>(in_size) / out_size;
  const double filter_scale = std::max(scale, 1.0);
  const double support = kernel.support * filter_scale;
  const double inverse = 1.0 / filter_scale;
  Windows result;
  result.windows.reserve(static_cast<std::size_t>(out_size));
  std::vector<double> raw;
  for (int out = 0; out < out_size; ++out) {
    const double center = (out + 0.5) * scale;
    const int first = std::max(static_cast<int>(center - support + 0.5), 0);
    const int last = std::min(static_cast<int>(center + support + 0.5), in_size);
    raw.clear();
    double sum = 0.0;
    for (int i = first; i < last; ++i) {
      raw.push_back(kernel.weight((i - center + 0.5) * inverse));
      sum += raw.back();
    }
    result.windows.push_back({first, last - first, result.weights.size()});
    for (const double weight : raw) {
      const double scaled = (sum != 0.0 ? weight / sum : weight) * (1 << kPrecisionBits);
      result.weights.push_back(static_cast<int>(scaled < 0 ? scaled - 0.5 : scaled + 0.5));
    }
  }
  return result;
}

std::uint8_t clip(int sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255));
}

constexpr int kHalf = 1 << (kPrecisionBits - 1);

Image horizontal(const Image& image, int width, Kernel kernel) {
  const Windows windows = windows_for(image.width, width, kernel);
  Image out{width, image.height, {}};
  out.rgb.resize(std::size_t{kChannels} * width * image.height);
  std::uint8_t* to = out.rgb.data();
  for (int y = 0; y < image.height; ++y) {
    const std::uint8_t* row = image.rgb.data() + std::size_t{kChannels} * image.width * y;
    for (const auto& window : windows.windows) {
      int sums[kChannels] = {kHalf, kHalf, kHalf};
      const std::uint8_t* from = row + kChannels * window.first;
      const int* weights = windows.weights.data() + window.weights;
      for (int i = 0; i < window.count; ++i, from += kChannels)
        for (int c = 0; c < kChannels; ++c) sums[c] += from[c] * weights[i];
      for (const int sum : sums) *to++ = clip(sum);
    }
  }
  return out;
}

Image vertical(const Image& image, int height, Kernel kernel) {
  const Windows windows = windows_for(image.height, height, kernel);
  const std::size_t row_bytes = std::size_t{kChannels} * image.width;
  Image out{image.width, height, {}};
  out.rgb.resize(row_bytes * height);
  std::vector<int> sums(row_bytes);
  std::uint8_t* to = out.rgb.data();
  for (const auto& window : windows.windows) {
    std::fill(sums.begin(), sums.end(), kHalf);
    for (int i = 0; i < window.count; ++i) {
      const std::uint8_t* from = image.rgb.data() + row_bytes * (window.first + i);
      const int weight = windows.weights[window.weights + i];
      for (std::size_t x = 0; x < row_bytes; ++x) sums[x] += from[x] * weight;
    }
    for (const int sum : sums) *to++ = clip(sum);
  }
  return out;
}

// Input indices by adding up the step, as Pillow does: a product would round differently.
std::vector<int> nearest_indices(int in_size, int out_size) {
  const double step = static_cast<double>(in_size) / out_size;
  std::vector<int> indices(static_cast<std::size_t>(out_size));
  double at = step * 0.5;
  for (int& index : indices) {
    index = std::min(static_cast<int>(at), in_size - 1);
    at += step;
  }
  return indices;
}

Image nearest(const Image& image, int width, int height) {
  const std::vector<int> columns = nearest_indices(image.width, width);
  Image out{width, height, {}};
  out.rgb.reserve(std::size_t{kChannels} * width * height);
  for (const int y : nearest_indices(image.height, height)) {
    const std::uint8_t* row = image.rgb.data() + std::size_t{kChannels} * image.width * y;
    for (const int x : columns)
      out.rgb.insert(out.rgb.end(), row + kChannels * x, row + kChannels * (x + 1));
  }
  return out;
}

}  // namespace

Image resize(const Image& image, int width, int height, Interpolation filter) {
  if (width == image.width && height == image.height) return image;
  if (filter == Interpolation::kNearest) return nearest(image, width, height);
  const Kernel kernel = kernel_of(filter);
  if (width == image.width) return vertical(image, height, kernel);
  Image narrowed = horizontal(image, width, kernel);
  return height == image.height ? narrowed : vertical(narrowed, height, kernel);
}

}  // namespace switchyard
