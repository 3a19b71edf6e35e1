#include "engine/error.h"
#include "tools/switchyard/commands/commands.h"

namespace switchyard {

int rules_watch_command(const Arguments&) {
  throw Error(ErrorKind::kUsage, {}, "'rules watch' is not here yet");
}

}  // namespace switchyard
