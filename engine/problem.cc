#include "engine/problem.h"

#include <algorithm>
#include <tuple>

namespace switchyard {

namespace {

bool stands_before(const Problem& a, const Problem& b) {
  const auto key = [](const Problem& problem) {
    return std::tuple<const std::string&, int, int, bool, const std::string&>(
        problem.place.file, problem.place.line, problem.place.column,
        problem.severity == Problem::Severity::kWarning, problem.what);
  };
  return key(a) < key(b);
}

}  // namespace

std::string Problem::str() const {
  std::string text = place.str();
  if (!text.empty()) text += ": ";
  text += severity == Severity::kError ? "error: " : "warning: ";
  if (!decision.empty()) text += "[" + decision + (rule.empty() ? "" : ": " + rule) + "] ";
  text += what;
  if (!other_rule.empty()) {
    text += " (collides with \"" + other_rule + "\", " + other_place.str() + ")";
  }
  text += ".";
  if (!mend.empty()) {
    text += " " + mend;
    if (!mend.ends_with('.') && !mend.ends_with('?')) text += ".";
  }
  return text;
}

void sort_problems(Problems& problems) {
  std::stable_sort(problems.begin(), problems.end(), stands_before);
  const auto same = [](const Problem& a, const Problem& b) {
    return a.place.str() == b.place.str() && a.what == b.what;
  };
  problems.erase(std::unique(problems.begin(), problems.end(), same), problems.end());
}

bool has_errors(const Problems& problems) {
  return std::any_of(problems.begin(), problems.end(), [](const Problem& problem) {
    return problem.severity == Problem::Severity::kError;
  });
}

}  // namespace switchyard
