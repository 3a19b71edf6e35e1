// One build at a time in an output directory.
#pragma once

#include <filesystem>

namespace switchyard {

// Holds a lock on the directory itself while it lives: a killed build leaves none behind, and no
// lock file stays in what a person will publish.
class OutputLock {
 public:
  // Throws Error(kModel) when another build holds it, or it can't be had.
  explicit OutputLock(const std::filesystem::path& directory);
  ~OutputLock();
  OutputLock(const OutputLock&) = delete;
  OutputLock& operator=(const OutputLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace switchyard
