#include "engine/error.h"
#include "tools/switchyard/commands/commands.h"

namespace switchyard {

int rules_show_command(const Arguments&) {
  throw Error(ErrorKind::kUsage, {}, "'rules show' is not here yet");
}

}  // namespace switchyard
