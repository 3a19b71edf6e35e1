// A lock on a file, shared with the Python library: flock, released when the process ends.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>

namespace switchyard {

class FileLock {
 public:
  // Makes the file (mode 0664, as the Python library does, so that users may share a cache) and
  // waits for the lock; `waiting` is called once when another holds it. Where the file system knows
  // no locks, goes on without: what is downloaded is verified and put in place in one step.
  // Throws Error(kModel) when the file can't be made, or when `stop` becomes true.
  FileLock(const std::filesystem::path& file, const std::atomic<bool>& stop,
           const std::function<void()>& waiting);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace switchyard
