#include "stages/workshop/policy/policy_check.h"

#include <functional>

#include "engine/error.h"
#include "stages/workshop/policy/policy_parts.h"

namespace switchyard {
namespace {

// A table that the resolution asks for and that is not there ends one part, not all of them.
void attempt(const std::function<void()>& part, Problems& problems) {
  try {
    part();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kUsage) throw;
    Problem problem;
    problem.place = error.place();
    problem.kind = "missing-table";
    problem.what = error.message();
    problem.mend = error.mend();
    if (problem.mend.empty()) problem.mend = "The resolution asks for it";
    problems.push_back(std::move(problem));
  }
}

}  // namespace

void check_policy(const RuleBook& rules, Problems& problems, const PolicyCheckOptions& options) {
  attempt([&] { policy::check_facts(rules, problems); }, problems);
  attempt([&] { policy::check_names(rules, problems); }, problems);
  attempt([&] { policy::check_sentinels(rules, problems); }, problems);
  attempt([&] { policy::check_variants(rules, problems); }, problems);
  attempt([&] { policy::check_gaps(rules, options.all_gaps, problems); }, problems);
}

}  // namespace switchyard
