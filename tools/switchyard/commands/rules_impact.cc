#include "engine/error.h"
#include "tools/switchyard/commands/commands.h"

namespace switchyard {

int rules_impact_command(const Arguments&) {
  throw Error(ErrorKind::kUsage, {}, "'rules impact' is not here yet");
}

}  // namespace switchyard
