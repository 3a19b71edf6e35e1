// From argv to a command and its Arguments.
#pragma once

namespace switchyard {

// Parses and runs. Returns the exit status; throws Error(kUsage) for a wrong command line and
// whatever the command throws.
int run_command_line(int argc, const char* const* argv);

}  // namespace switchyard
