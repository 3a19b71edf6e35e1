// Runs the built program as a person would: arguments in, status and both streams out.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace switchyard {

struct ProgramResult {
  int status = -1;  // exit status; 128 + signal when it was killed
  std::string out;
  std::string err;
  long peak_kib = 0;  // resident at most, mapped files included
};

struct ProgramInput {
  std::string text;                      // standard input
  std::vector<std::string> environment;  // "NAME=VALUE", beside the test's own
  std::string program;                   // empty: the one in the build tree
  std::string directory;                 // working directory; empty: the test's own
  std::function<void(pid_t)> meanwhile;  // called while it runs
};

ProgramResult run_program(const std::vector<std::string>& arguments,
                          const ProgramInput& input = {});

// The arguments in one line, for messages.
std::string command_text(const std::vector<std::string>& arguments);

}  // namespace switchyard
