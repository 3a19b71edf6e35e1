#include "stages/hub/cache_entry.h"

#include <unistd.h>

#include <system_error>

#include "engine/error.h"
#include "engine/output_file.h"
#include "engine/text.h"
#include "stages/checkpoint/hub_cache.h"
#include "stages/checkpoint/mapped_file.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const std::error_code& reason) {
  throw Error(ErrorKind::kModel, Place{path.string()}, "can't be written: " + reason.message(),
              "Set HF_HUB_CACHE to a directory that can be written");
}

void make_directory(const fs::path& directory) {
  std::error_code failed;
  fs::create_directories(directory, failed);
  if (failed) fail(directory, failed);
  if (!fs::is_directory(directory, failed)) {
    fail(directory, std::make_error_code(std::errc::not_a_directory));
  }
}

}  // namespace

CacheEntry::CacheEntry(const fs::path& cache, const std::string& id)
    : entry_(cache / hub_entry_name(id)), locks_(cache / ".locks" / hub_entry_name(id)) {
  for (const char* part : {"blobs", "snapshots", "refs"}) make_directory(entry_ / part);
  make_directory(locks_);
}

fs::path CacheEntry::blob(const std::string& etag) const { return entry_ / "blobs" / etag; }
fs::path CacheEntry::lock(const std::string& etag) const { return locks_ / (etag + ".lock"); }
fs::path CacheEntry::snapshot(const std::string& commit) const {
  return entry_ / "snapshots" / commit;
}

bool CacheEntry::has_blob(const std::string& etag, std::uint64_t size) const {
  std::error_code error;
  const auto there = fs::file_size(blob(etag), error);
  return !error && there == size;
}

void CacheEntry::link(const std::string& commit, const std::string& file,
                      const std::string& etag) const {
  const fs::path pointer = snapshot(commit) / file;
  const fs::path target = blob(etag).lexically_relative(pointer.parent_path());
  std::error_code failed;
  if (fs::read_symlink(pointer, failed) == target && !failed) return;
  make_directory(pointer.parent_path());
  write_beside(pointer, [&](const fs::path& draft) {
    std::error_code reason;
    fs::create_symlink(target, draft, reason);
    if (reason) fail(pointer, reason);
  });
}

void CacheEntry::set_ref(const std::string& revision, const std::string& commit) const {
  if (revision == commit) return;
  const fs::path ref = entry_ / "refs" / revision;
  std::error_code error;
  if (fs::is_regular_file(ref, error) && trim(read_text(ref)) == commit) return;
  make_directory(ref.parent_path());
  write_file_atomically(ref, commit);
}

}  // namespace switchyard
