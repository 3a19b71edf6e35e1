// Where -o points: a single .onnx file, or a directory that gets model.onnx.
#pragma once

#include <filesystem>
#include <string>

namespace switchyard {

class OutputTarget {
 public:
  // Throws Error(kUsage) when something is there already and `overwrite` is not set.
  OutputTarget(const std::string& output, bool overwrite);
  // Removes the directory again when it was made here and nothing came into it.
  ~OutputTarget();
  OutputTarget(const OutputTarget&) = delete;
  OutputTarget& operator=(const OutputTarget&) = delete;

  // Makes the directory the file goes into. Throws Error(kModel).
  void prepare();

  bool is_directory() const { return is_directory_; }
  const std::filesystem::path& directory() const { return directory_; }
  const std::filesystem::path& file() const { return file_; }

 private:
  bool is_directory_;
  std::filesystem::path directory_;  // of the file; "." is never empty here
  std::filesystem::path file_;
  bool made_ = false;
};

// Whether a directory holds nothing at all; false when it isn't there.
bool is_empty_directory(const std::filesystem::path& directory);

}  // namespace switchyard
