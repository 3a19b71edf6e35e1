#include "engine/error.h"
#include "tools/switchyard/commands/commands.h"

namespace switchyard {

int rules_list_command(const Arguments&) {
  throw Error(ErrorKind::kUsage, {}, "'rules list' is not here yet");
}

}  // namespace switchyard
