// A dimension: an integer, or a symbolic integer such as batch_size*sequence_length.
//
// Symbolic integers are polynomials with integer coefficients over atoms. An atom is a named axis
// or an operation that polynomials can't express (a division that does not come out even, min,
// max). Equal dims have equal text, and the text is what stands in ONNX's dim_param while a graph
// is built, so that shape inference carries whole expressions along. All dims are taken to be >= 0.
// Immutable; copies share their parts.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace switchyard::graph {

struct Atom;

class Dim {
 public:
  Dim() = default;  // 0
  Dim(std::int64_t value) : constant_(value) {}
  static Dim axis(const std::string& name);

  bool known() const { return terms_.empty(); }
  // Precondition: known().
  std::int64_t value() const { return constant_; }
  // "768", "batch_size", "2*height+1".
  std::string text() const;
  // The name when this is nothing but one named axis.
  std::optional<std::string> axis_name() const;

  // Throw std::overflow_error beyond 64 bits, std::domain_error for a division by zero.
  friend Dim operator+(const Dim& a, const Dim& b);
  friend Dim operator-(const Dim& a, const Dim& b);
  friend Dim operator*(const Dim& a, const Dim& b);
  friend Dim floor_div(const Dim& a, const Dim& b);
  friend Dim modulo(const Dim& a, const Dim& b);
  friend Dim minimum(const Dim& a, const Dim& b);
  friend Dim maximum(const Dim& a, const Dim& b);
  friend bool operator==(const Dim& a, const Dim& b) { return a.text() == b.text(); }

  // a / b when it comes out even as polynomials (b a single term), else nothing.
  static std::optional<Dim> exact_quotient(const Dim& a, const Dim& b);

  struct Term {
    std::int64_t coefficient = 1;
    std::vector<std::shared_ptr<const Atom>> atoms;  // sorted by text
  };
  const std::vector<Term>& terms() const { return terms_; }
  std::int64_t constant() const { return constant_; }

 private:
  static Dim of_atom(std::shared_ptr<const Atom> atom);
  static Dim operation(const char* name, const Dim& a, const Dim& b);
  void add_term(const Term& term);

  std::vector<Term> terms_;  // sorted by the text of their atoms; no zero coefficients
  std::int64_t constant_ = 0;
};

struct Atom {
  enum class Kind { kAxis, kFloorDiv, kModulo, kMinimum, kMaximum };
  Kind kind = Kind::kAxis;
  std::string text;
  Dim a;  // operands of an operation
  Dim b;
};

}  // namespace switchyard::graph
