#include "engine/error.h"
#include "tools/switchyard/commands/commands.h"

namespace switchyard {

int rules_check_command(const Arguments&) {
  throw Error(ErrorKind::kUsage, {}, "'rules check' is not here yet");
}

}  // namespace switchyard
