// Enters a scope for as long as it lives.
#pragma once

#include <string>

#include "stages/export/recipe/evaluator.h"

namespace switchyard::recipe {

class Evaluator::ScopeGuard {
 public:
  ScopeGuard(Evaluator& evaluator, const Template& path)
      : evaluator_(evaluator), outer_(evaluator.scope_) {
    const std::string inner = evaluator.expand(path);
    evaluator.scope_ = outer_.empty() ? inner : outer_ + "." + inner;
    evaluator.node_scope_known_ = false;
  }
  ~ScopeGuard() {
    evaluator_.scope_ = std::move(outer_);
    evaluator_.node_scope_known_ = false;
  }

 private:
  Evaluator& evaluator_;
  std::string outer_;
};

}  // namespace switchyard::recipe
