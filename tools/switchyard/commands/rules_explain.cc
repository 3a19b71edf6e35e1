#include "engine/error.h"
#include "tools/switchyard/commands/commands.h"

namespace switchyard {

int rules_explain_command(const Arguments&) {
  throw Error(ErrorKind::kUsage, {}, "'rules explain' is not here yet");
}

}  // namespace switchyard
