// One build at a time in an output directory.
#pragma once

#include <filesystem>

namespace switchyard {

// Holds OUT/.lock while it lives. The lock belongs to the open file, so a killed build leaves none
// behind; the file itself stays, because removing it would race with the next one.
class OutputLock {
 public:
  // Throws Error(kModel) when another build holds it, or it can't be made.
  explicit OutputLock(const std::filesystem::path& directory);
  ~OutputLock();
  OutputLock(const OutputLock&) = delete;
  OutputLock& operator=(const OutputLock&) = delete;

  static constexpr const char* kFileName = ".lock";

 private:
  int descriptor_ = -1;
};

}  // namespace switchyard
