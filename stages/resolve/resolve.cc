#include "stages/resolve/resolve.h"

#include "engine/error.h"
#include "stages/resolve/chain.h"

namespace switchyard {

Resolution resolve(const RuleBook& rules, const ResolveRequest& request) {
  return Chain(rules, request).run(/*with_plan=*/true);
}

Resolution resolve_traced(const RuleBook& rules, const ResolveRequest& request, Trace& trace) {
  return Chain(rules, request, &trace).run(/*with_plan=*/true);
}

void require_decided(const Resolution& resolution) {
  if (!resolution.last_resort) return;
  throw Error(ErrorKind::kModel, {},
              "nothing in the checkpoint or its name decided the task, and '" + resolution.task +
                  "' is only the last resort",
              "Say what the model is for with --task");
}

}  // namespace switchyard
