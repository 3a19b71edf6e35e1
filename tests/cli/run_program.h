// Runs the built program as a person would: arguments in, status and both streams out. It sees no
// variable of the Hub (HF_*) and no proxy but those a test gives, and may use the network only when
// the test names a server with HF_ENDPOINT.
#pragma once

#include <string>
#include <vector>

#include "tests/support/temporary_directory.h"

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
};

ProgramResult run_program(const std::vector<std::string>& arguments,
                          const ProgramInput& input = {});

// A program at work. Its streams go to files, so that it never waits for the test.
class RunningProgram {
 public:
  explicit RunningProgram(const std::vector<std::string>& arguments,
                          const ProgramInput& input = {});
  ~RunningProgram();  // kills it where wait() was not called
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  void kill();
  ProgramResult wait();

 private:
  TemporaryDirectory streams_;
  int process_ = 0;
};

// The arguments in one line, for messages.
std::string command_text(const std::vector<std::string>& arguments);

}  // namespace switchyard
