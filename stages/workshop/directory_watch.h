// Waiting until something in directories of rule files or golden files changes.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/error.h"

namespace switchyard {

// Watches directories with all folders below them, also those that are made later, through inotify.
// Seen are files with one of the endings (".yaml") that are written, renamed, removed or linked:
// however an editor saves. Hidden files and folders and linked folders are not looked at, as they
// are not read as rules. A directory that goes away is looked for until it is back.
class DirectoryWatch {
 public:
  // Throws Error(kUsage) for a directory that is not there, Error(kModel) where the system has no
  // watches left.
  DirectoryWatch(std::vector<std::filesystem::path> directories, std::vector<std::string> endings);
  ~DirectoryWatch();
  DirectoryWatch(const DirectoryWatch&) = delete;
  DirectoryWatch& operator=(const DirectoryWatch&) = delete;

  // What changed, sorted, once nothing more has changed for `quiet`: a burst is one change. Empty
  // when the descriptor `stop` became readable (-1: never).
  std::vector<std::filesystem::path> wait(
      int stop, std::chrono::milliseconds quiet = std::chrono::milliseconds(50));

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The error for a directory that inotify would not watch, by the system's reason (errno).
Error watch_error(const std::filesystem::path& directory, int reason);

}  // namespace switchyard
