// The command line program. Everything that can go wrong ends here as one paragraph and a status.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>

#include "engine/error.h"
#include "tools/switchyard/command_line.h"
#include "tools/switchyard/console.h"

namespace {

constexpr int kFailed = 1;

// What was printed counts only when it arrived.
void flush_output() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  const int reason = errno;
  throw switchyard::Error(switchyard::ErrorKind::kModel, {"standard output"},
                          std::string("could not be written: ") + std::strerror(reason),
                          "Check the disk it goes to");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const int status = switchyard::run_command_line(argc, argv);
    flush_output();
    return status;
  } catch (const switchyard::Error& e) {
    switchyard::print_error(e.what());
    return e.exit_status();
  } catch (const std::bad_alloc&) {
    switchyard::print_error(
        "out of memory: the model needs more than this machine gives. Close other programs, or "
        "try --weights reference");
    return kFailed;
  } catch (const std::exception&) {
    switchyard::print_error(
        "internal error: something failed that should have been foreseen. Please report it with "
        "the command line and the model's config.json");
    return kFailed;
  }
}
