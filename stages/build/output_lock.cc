#include "stages/build/output_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "engine/error.h"

namespace switchyard {

OutputLock::OutputLock(const std::filesystem::path& directory) {
  descriptor_ = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor_ < 0) {
    throw Error(ErrorKind::kModel, {directory.string()},
                std::string("can't be opened: ") + std::strerror(errno),
                "Choose another place with -o, or make this one writable");
  }
  if (flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
  const int reason = errno;
  close(descriptor_);
  if (reason == EWOULDBLOCK) {
    throw Error(ErrorKind::kModel, {directory.string()},
                "another build is writing into this directory",
                "Wait until it is done, or choose another place with -o");
  }
  throw Error(ErrorKind::kModel, {directory.string()},
              std::string("can't be locked: ") + std::strerror(reason),
              "Choose a place on another file system with -o");
}

OutputLock::~OutputLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace switchyard
