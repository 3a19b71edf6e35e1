#include "stages/workshop/check.h"

#include "engine/rule_check.h"
#include "stages/export/recipe/check.h"
#include "stages/workshop/disjoint_check.h"
#include "stages/workshop/policy/policy_check.h"

namespace switchyard {

Problems check_everything(const CheckOptions& options) {
  RuleCheck check = check_rules(options.rules);
  check_policy(*check.book, check.problems, {.all_gaps = options.all_gaps});
  recipe::check_recipes(*check.book, check.problems);
  check_disjoint(*check.book, options.corpora, check.problems);
  sort_problems(check.problems);
  return std::move(check.problems);
}

}  // namespace switchyard
