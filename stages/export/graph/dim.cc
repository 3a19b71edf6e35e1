#include "stages/export/graph/dim.h"

#include <algorithm>
#include <stdexcept>

namespace switchyard::graph {
namespace {

// Far beyond what shapes need; they keep a wrong recipe from growing expressions without end.
constexpr std::size_t kMaxDegree = 16;
constexpr std::size_t kMaxTerms = 64;
constexpr std::size_t kMaxText = 4096;

std::int64_t checked_add(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (__builtin_add_overflow(a, b, &result)) throw std::overflow_error("sum");
  return result;
}

std::int64_t checked_multiply(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (__builtin_mul_overflow(a, b, &result)) throw std::overflow_error("product");
  return result;
}

std::int64_t floor_quotient(std::int64_t a, std::int64_t b) {
  if (b == 0) throw std::domain_error("division by zero");
  if (b == -1) return checked_multiply(a, -1);
  const std::int64_t q = a / b;
  return (a % b != 0 && (a < 0) != (b < 0)) ? q - 1 : q;
}

std::string atoms_text(const Dim::Term& term) {
  std::string text;
  for (const auto& atom : term.atoms) {
    if (!text.empty()) text += '*';
    text += atom->text;
  }
  return text;
}

}  // namespace

Dim Dim::of_atom(std::shared_ptr<const Atom> atom) {
  Dim dim;
  dim.terms_.push_back({1, {std::move(atom)}});
  return dim;
}

Dim Dim::axis(const std::string& name) {
  auto atom = std::make_shared<Atom>();
  atom->text = name;
  return of_atom(std::move(atom));
}

Dim Dim::operation(const char* name, const Dim& a, const Dim& b) {
  auto atom = std::make_shared<Atom>();
  const std::string_view word = name;
  atom->kind = word == "floordiv" ? Atom::Kind::kFloorDiv
               : word == "mod"    ? Atom::Kind::kModulo
               : word == "min"    ? Atom::Kind::kMinimum
                                  : Atom::Kind::kMaximum;
  atom->text = std::string(word) + "(" + a.text() + "," + b.text() + ")";
  if (atom->text.size() > kMaxText) throw std::overflow_error("symbolic expression");
  atom->a = a;
  atom->b = b;
  return of_atom(std::move(atom));
}

std::string Dim::text() const {
  std::string text;
  for (const Term& term : terms_) {
    if (term.coefficient == -1) {
      text += '-';
    } else {
      if (!text.empty() && term.coefficient > 0) text += '+';
      if (term.coefficient != 1) text += std::to_string(term.coefficient) + "*";
    }
    text += atoms_text(term);
  }
  if (terms_.empty()) return std::to_string(constant_);
  if (constant_ > 0) text += '+';
  if (constant_ != 0) text += std::to_string(constant_);
  return text;
}

std::optional<std::string> Dim::axis_name() const {
  if (terms_.size() != 1 || constant_ != 0 || terms_[0].coefficient != 1) return std::nullopt;
  if (terms_[0].atoms.size() != 1 || terms_[0].atoms[0]->kind != Atom::Kind::kAxis)
    return std::nullopt;
  return terms_[0].atoms[0]->text;
}

void Dim::add_term(const Term& term) {
  const std::string key = atoms_text(term);
  const auto at =
      std::lower_bound(terms_.begin(), terms_.end(), key,
                       [](const Term& t, const std::string& k) { return atoms_text(t) < k; });
  if (at == terms_.end() || atoms_text(*at) != key) {
    terms_.insert(at, term);
    return;
  }
  at->coefficient = checked_add(at->coefficient, term.coefficient);
  if (at->coefficient == 0) terms_.erase(at);
}

Dim operator+(const Dim& a, const Dim& b) {
  Dim sum = a;
  sum.constant_ = checked_add(sum.constant_, b.constant_);
  for (const Dim::Term& term : b.terms_) sum.add_term(term);
  return sum;
}

Dim operator-(const Dim& a, const Dim& b) { return a + Dim(-1) * b; }

Dim operator*(const Dim& a, const Dim& b) {
  Dim product;
  product.constant_ = checked_multiply(a.constant_, b.constant_);
  auto add_scaled = [&](const std::vector<Dim::Term>& terms, std::int64_t factor) {
    if (factor == 0) return;
    for (Dim::Term term : terms) {
      term.coefficient = checked_multiply(term.coefficient, factor);
      product.add_term(term);
    }
  };
  add_scaled(a.terms_, b.constant_);
  add_scaled(b.terms_, a.constant_);
  for (const Dim::Term& left : a.terms_) {
    for (const Dim::Term& right : b.terms_) {
      Dim::Term term = left;
      term.coefficient = checked_multiply(left.coefficient, right.coefficient);
      term.atoms.insert(term.atoms.end(), right.atoms.begin(), right.atoms.end());
      std::sort(term.atoms.begin(), term.atoms.end(),
                [](const auto& x, const auto& y) { return x->text < y->text; });
      product.add_term(term);
      if (term.atoms.size() > kMaxDegree || product.terms_.size() > kMaxTerms) {
        throw std::overflow_error("symbolic expression");
      }
    }
  }
  return product;
}

std::optional<Dim> Dim::exact_quotient(const Dim& a, const Dim& b) {
  if (b.known()) {
    if (b.constant_ == 0) return std::nullopt;
    if (a.constant_ % b.constant_ != 0) return std::nullopt;
    Dim result(a.constant_ / b.constant_);
    for (Term term : a.terms_) {
      if (term.coefficient % b.constant_ != 0) return std::nullopt;
      term.coefficient /= b.constant_;
      result.add_term(term);
    }
    return result;
  }
  if (a == b) return Dim(1);
  if (b.terms_.size() != 1 || b.constant_ != 0 || a.constant_ != 0) return std::nullopt;
  const Term& divisor = b.terms_[0];
  Dim result;
  for (Term term : a.terms_) {
    if (term.coefficient % divisor.coefficient != 0) return std::nullopt;
    term.coefficient /= divisor.coefficient;
    for (const auto& atom : divisor.atoms) {
      const auto at = std::find_if(term.atoms.begin(), term.atoms.end(),
                                   [&](const auto& x) { return x->text == atom->text; });
      if (at == term.atoms.end()) return std::nullopt;
      term.atoms.erase(at);
    }
    if (term.atoms.empty()) {
      result.constant_ = checked_add(result.constant_, term.coefficient);
    } else {
      result.add_term(term);
    }
  }
  return result;
}

Dim floor_div(const Dim& a, const Dim& b) {
  if (a.known() && b.known()) return Dim(floor_quotient(a.value(), b.value()));
  if (b.known() && b.value() == 0) throw std::domain_error("division by zero");
  if (auto quotient = Dim::exact_quotient(a, b)) return *quotient;
  // (x // m + c) // n is (x + c*m) // (m*n): what strides in a row make of an axis stays short.
  if (b.known() && b.value() > 0 && a.terms().size() == 1) {
    const Dim::Term& term = a.terms().front();
    const Atom* inner = term.coefficient == 1 && term.atoms.size() == 1 ? term.atoms.front().get() : nullptr;
    if (inner != nullptr && inner->kind == Atom::Kind::kFloorDiv && inner->b.known() && inner->b.value() > 0)
      return floor_div(inner->a + Dim(a.constant()) * inner->b, inner->b * b);
  }
  return Dim::operation("floordiv", a, b);
}

Dim modulo(const Dim& a, const Dim& b) {
  if (a.known() && b.known())
    return Dim(a.value() - floor_quotient(a.value(), b.value()) * b.value());
  if (b.known() && b.value() == 0) throw std::domain_error("division by zero");
  if (Dim::exact_quotient(a, b)) return Dim(0);
  return Dim::operation("mod", a, b);
}

Dim minimum(const Dim& a, const Dim& b) {
  if (a.known() && b.known()) return Dim(std::min(a.value(), b.value()));
  return a == b ? a : Dim::operation("min", a, b);
}

Dim maximum(const Dim& a, const Dim& b) {
  if (a.known() && b.known()) return Dim(std::max(a.value(), b.value()));
  return a == b ? a : Dim::operation("max", a, b);
}

}  // namespace switchyard::graph
