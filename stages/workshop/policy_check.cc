#include "stages/workshop/policy_check.h"

#include "stages/workshop/policy_parts.h"

namespace switchyard {

void check_policy(const RuleBook& rules, Problems& problems, const PolicyCheckOptions& options) {
  policy::check_facts(rules, problems);
  policy::check_names(rules, problems);
  policy::check_sentinels(rules, problems);
  policy::check_variants(rules, problems);
  policy::check_gaps(rules, options.all_gaps, problems);
}

}  // namespace switchyard
