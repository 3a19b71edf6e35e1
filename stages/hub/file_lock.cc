#include "stages/hub/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "engine/error.h"

namespace switchyard {

FileLock::FileLock(const std::filesystem::path& file, const std::atomic<bool>& stop,
                   const std::function<void()>& waiting) {
  constexpr auto kPause = std::chrono::milliseconds(20);
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0664);
  if (descriptor_ < 0) {
    throw Error(ErrorKind::kModel, Place{file.string()},
                std::string("can't be made: ") + std::strerror(errno),
                "Set HF_HUB_CACHE to a directory that can be written");
  }
  bool told = false;
  while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && (errno == EWOULDBLOCK || errno == EINTR)) {
    if (stop) {
      ::close(descriptor_);
      throw Error(ErrorKind::kModel, Place{file.string()}, "the download was stopped");
    }
    if (!told) waiting();
    told = true;
    std::this_thread::sleep_for(kPause);
  }
}

FileLock::~FileLock() { ::close(descriptor_); }

}  // namespace switchyard
