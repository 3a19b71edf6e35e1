// One model's entry in the Hugging Face cache, for writing: models--ORG--NAME with blobs/ETAG,
// snapshots/COMMIT/FILE (relative links into blobs/), refs/REVISION, and its locks beside it in
// .locks/. The layout is that of the Python library, which may use the same cache at the same time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace switchyard {

class CacheEntry {
 public:
  // Makes the directories. Throws Error(kModel) when they can't be made.
  CacheEntry(const std::filesystem::path& cache, const std::string& id);

  // `etag` as etag_of() gives it.
  std::filesystem::path blob(const std::string& etag) const;
  std::filesystem::path lock(const std::string& etag) const;
  std::filesystem::path snapshot(const std::string& commit) const;
  // Whether the blob is there with that many bytes.
  bool has_blob(const std::string& etag, std::uint64_t size) const;

  // Lets snapshots/`commit`/`file` stand for the blob. Throws Error(kModel).
  void link(const std::string& commit, const std::string& file, const std::string& etag) const;
  // Lets `revision` (is_hub_revision) stand for `commit`; nothing for a commit's own hash. Throws
  // Error(kModel).
  void set_ref(const std::string& revision, const std::string& commit) const;

 private:
  std::filesystem::path entry_;
  std::filesystem::path locks_;
};

}  // namespace switchyard
