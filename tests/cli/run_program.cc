#include "tests/cli/run_program.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

extern char** environ;

namespace switchyard {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

bool changes_answers(std::string_view entry) {
  const std::string_view name = entry.substr(0, entry.find('='));
  return name.starts_with("SWITCHYARD_") || name.starts_with("HF_") || name.ends_with("_proxy") ||
         name.ends_with("_PROXY");
}

// The environment without what would change the program's answers.
std::vector<std::string> environment_of(const ProgramInput& input) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!changes_answers(*entry)) environment.emplace_back(*entry);
  }
  bool online = false;
  for (const std::string& entry : input.environment) {
    online = online || entry.starts_with("HF_ENDPOINT=");
    environment.push_back(entry);
  }
  if (!online) environment.emplace_back("HF_HUB_OFFLINE=1");
  return environment;
}

}  // namespace

std::string command_text(const std::vector<std::string>& arguments) {
  std::string text = "switchyard";
  for (const std::string& argument : arguments) text += " " + argument;
  return text;
}

RunningProgram::RunningProgram(const std::vector<std::string>& arguments,
                               const ProgramInput& input) {
  write_text(streams_ / "in", input.text);
  const std::string in = (streams_ / "in").string();
  const std::string out = (streams_ / "out").string();
  const std::string err = (streams_ / "err").string();
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
  process_ = child;
}

RunningProgram::~RunningProgram() {
  if (process_ == 0) return;
  kill();
  wait();
}

void RunningProgram::kill() { ::kill(process_, SIGKILL); }

ProgramResult RunningProgram::wait() {
  int status = 0;
  rusage usage{};
  while (wait4(process_, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  process_ = 0;
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          read_text(streams_ / "out"), read_text(streams_ / "err"), usage.ru_maxrss};
}

ProgramResult run_program(const std::vector<std::string>& arguments, const ProgramInput& input) {
  return RunningProgram(arguments, input).wait();
}

}  // namespace switchyard
