// What a static check found, each fault once.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <utility>

#include "engine/problem.h"
#include "stages/export/spot.h"

namespace switchyard::recipe {

class Findings {
 public:
  // `recipe`: the name that all of them bear. `problems` must outlive it.
  Findings(std::string recipe, Problems& problems)
      : recipe_(std::move(recipe)), problems_(problems) {}

  // In whose statements one is from now on: a block, a head; empty: the recipe as a whole.
  void enter(std::string owner) { owner_ = std::move(owner); }

  void error(const Spot& spot, const char* kind, std::string what, std::string mend = {}) {
    add(Problem::Severity::kError, spot, kind, std::move(what), std::move(mend));
  }
  void warning(const Spot& spot, const char* kind, std::string what, std::string mend = {}) {
    add(Problem::Severity::kWarning, spot, kind, std::move(what), std::move(mend));
  }

  std::size_t errors() const { return errors_; }

 private:
  void add(Problem::Severity severity, const Spot& spot, const char* kind, std::string what,
           std::string mend) {
    Problem problem;
    problem.severity = severity;
    problem.place = spot.place();
    problem.kind = kind;
    problem.decision = recipe_;
    problem.rule = owner_;
    problem.what = std::move(what);
    problem.mend = std::move(mend);
    // Heads that are like each other have their statements in common.
    if (!seen_.insert(problem.place.str() + problem.what).second) return;
    errors_ += severity == Problem::Severity::kError;
    problems_.push_back(std::move(problem));
  }

  std::string recipe_;
  std::string owner_;
  Problems& problems_;
  std::set<std::string> seen_;
  std::size_t errors_ = 0;
};

}  // namespace switchyard::recipe
