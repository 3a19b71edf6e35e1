#include "engine/error.h"
#include "tools/switchyard/commands/commands.h"

namespace switchyard {

int rules_fmt_command(const Arguments&) {
  throw Error(ErrorKind::kUsage, {}, "'rules fmt' is not here yet");
}

}  // namespace switchyard
