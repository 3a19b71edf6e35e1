#include "stages/workshop/check.h"
#include "tools/switchyard/commands/commands.h"
#include "tools/switchyard/model_request.h"
#include "tools/switchyard/problem_text.h"

namespace switchyard {

int rules_check_command(const Arguments& arguments) {
  return print_problems(
      check_everything({rule_options(arguments), arguments.verbose, arguments.corpus}), arguments);
}

}  // namespace switchyard
