// Inside stages/verify: running sums over pairs of equally shaped outputs.
#pragma once

#include <cstddef>
#include <string>

#include "stages/runtime/session.h"

namespace switchyard {

class OutputSums {
 public:
  // Takes one sample's pair; `name` is for messages. Throws Error(kModel) when the shapes differ or
  // only one of the two is NaN somewhere.
  void add(const std::string& name, const Tensor& reference, const Tensor& candidate);

  std::size_t elements() const { return elements_; }
  double sqnr_db() const;
  double cosine() const;
  double max_abs_difference() const { return max_abs_difference_; }
  bool ranks() const { return rows_ > 0; }
  double top1_agreement() const {
    return static_cast<double>(agreeing_) / static_cast<double>(rows_);
  }

 private:
  template <typename T>
  void add_typed(const std::string& name, const Tensor& reference, const Tensor& candidate);

  std::size_t elements_ = 0;
  double signal_ = 0.0;     // sum of squares of the reference
  double candidate_ = 0.0;  // of the candidate
  double product_ = 0.0;
  double noise_ = 0.0;  // of the difference
  double max_abs_difference_ = 0.0;
  std::size_t rows_ = 0;
  std::size_t agreeing_ = 0;
};

}  // namespace switchyard
