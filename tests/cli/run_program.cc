#include "tests/cli/run_program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "tests/support/temporary_directory.h"

extern char** environ;

namespace switchyard {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

// The environment without what would change the program's answers.
std::vector<std::string> environment_of(const ProgramInput& input) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!std::string_view(*entry).starts_with("SWITCHYARD_")) environment.emplace_back(*entry);
  }
  environment.insert(environment.end(), input.environment.begin(), input.environment.end());
  return environment;
}

}  // namespace

std::string command_text(const std::vector<std::string>& arguments) {
  std::string text = "switchyard";
  for (const std::string& argument : arguments) text += " " + argument;
  return text;
}

ProgramResult run_program(const std::vector<std::string>& arguments, const ProgramInput& input) {
  TemporaryDirectory streams;
  write_text(streams / "in", input.text);
  const std::string in = (streams / "in").string();
  const std::string out = (streams / "out").string();
  const std::string err = (streams / "err").string();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, in.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT, 0600);
  if (!input.directory.empty()) {
    posix_spawn_file_actions_addchdir_np(&actions, input.directory.c_str());
  }
  std::vector<std::string> words = {input.program.empty() ? SWITCHYARD_PROGRAM : input.program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> environment = environment_of(input);

  pid_t child = 0;
  const int failed = posix_spawn(&child, words.front().c_str(), &actions, nullptr,
                                 pointers(words).data(), pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error(words.front() + ": " + std::strerror(failed));
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          read_text(streams / "out"), read_text(streams / "err")};
}

}  // namespace switchyard
