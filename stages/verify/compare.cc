#include "stages/verify/compare.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "engine/error.h"

namespace switchyard {
namespace {

// Storage of a 16-bit float, told apart from the integer it is stored in.
struct Half {
  std::uint16_t bits;
};
struct Brain {
  std::uint16_t bits;
};

double number(Half h) {
  const int exponent = h.bits >> 10 & 0x1f;
  const int fraction = h.bits & 0x3ff;
  const double sign = h.bits & 0x8000 ? -1.0 : 1.0;
  if (exponent == 31) {
    return fraction ? std::numeric_limits<double>::quiet_NaN()
                    : sign * std::numeric_limits<double>::infinity();
  }
  return sign * (exponent ? std::ldexp(1024 + fraction, exponent - 25) : std::ldexp(fraction, -24));
}

double number(Brain b) { return std::bit_cast<float>(static_cast<std::uint32_t>(b.bits) << 16); }

template <typename T>
requires std::is_arithmetic_v<T>
double number(T value) { return static_cast<double>(value); }

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

}  // namespace

template <typename T>
void OutputSums::add_typed(const std::string& name, const Tensor& reference,
                           const Tensor& candidate) {
  const T* const x = reference.as<T>();
  const T* const y = candidate.as<T>();
  const std::size_t count = reference.count();
  for (std::size_t i = 0; i < count; ++i) {
    const double a = number(x[i]);
    const double b = number(y[i]);
    if (std::isnan(a) != std::isnan(b)) {
      throw Error(ErrorKind::kModel, {},
                  "output '" + name + "' is NaN in only one of the two models");
    }
    // Equal infinities, and NaN in both, count as agreement.
    if (a == b || std::isnan(a)) {
      if (std::isfinite(a)) {
        signal_ += a * a;
        candidate_ += a * a;
        product_ += a * a;
      }
      continue;
    }
    const double difference = std::fabs(a - b);
    signal_ += a * a;
    candidate_ += b * b;
    product_ += a * b;
    noise_ += difference * difference;
    max_abs_difference_ = std::max(max_abs_difference_, difference);
  }
  elements_ += count;
  if (reference.shape.size() < 2 || reference.shape.back() < 2) return;
  const auto width = static_cast<std::size_t>(reference.shape.back());
  const auto less = [](T a, T b) { return number(a) < number(b); };
  for (std::size_t row = 0; row < count; row += width) {
    const auto top = [&](const T* values) {
      return std::max_element(values + row, values + row + width, less) - values;
    };
    ++rows_;
    agreeing_ += top(x) == top(y);
  }
}

void OutputSums::add(const std::string& name, const Tensor& reference, const Tensor& candidate) {
  if (reference.shape != candidate.shape || reference.dtype != candidate.dtype) {
    throw Error(ErrorKind::kModel, {},
                "output '" + name + "' is " + reference.dtype + " " + shape_text(reference.shape) +
                    " in the reference and " + candidate.dtype + " " + shape_text(candidate.shape) +
                    " in the candidate",
                "Compare two graphs of one model");
  }
  const std::string& dtype = reference.dtype;
  if (dtype == "float32") return add_typed<float>(name, reference, candidate);
  if (dtype == "float64") return add_typed<double>(name, reference, candidate);
  if (dtype == "float16") return add_typed<Half>(name, reference, candidate);
  if (dtype == "bfloat16") return add_typed<Brain>(name, reference, candidate);
  if (dtype == "int64") return add_typed<std::int64_t>(name, reference, candidate);
  if (dtype == "int32") return add_typed<std::int32_t>(name, reference, candidate);
  if (dtype == "int16") return add_typed<std::int16_t>(name, reference, candidate);
  if (dtype == "int8") return add_typed<std::int8_t>(name, reference, candidate);
  if (dtype == "uint64") return add_typed<std::uint64_t>(name, reference, candidate);
  if (dtype == "uint32") return add_typed<std::uint32_t>(name, reference, candidate);
  if (dtype == "uint16") return add_typed<std::uint16_t>(name, reference, candidate);
  return add_typed<std::uint8_t>(name, reference, candidate);  // uint8, bool
}

double OutputSums::sqnr_db() const {
  if (noise_ == 0.0) return std::numeric_limits<double>::infinity();
  if (signal_ == 0.0) return -std::numeric_limits<double>::infinity();
  return 10.0 * std::log10(signal_ / noise_);
}

double OutputSums::cosine() const {
  if (signal_ == 0.0 || candidate_ == 0.0) return signal_ == candidate_ ? 1.0 : 0.0;
  return product_ / std::sqrt(signal_ * candidate_);
}

}  // namespace switchyard
