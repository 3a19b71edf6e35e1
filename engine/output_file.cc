#include "engine/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "engine/error.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& file, const std::string& what, int reason) {
  throw Error(ErrorKind::kModel, {file.string()}, what + ": " + std::strerror(reason),
              "Make this place writable and see that the disk has room, or choose another place");
}

// The name a file has until it is whole; removes itself unless it was renamed.
class Draft {
 public:
  explicit Draft(const fs::path& file)
      : file_(file),
        path_(file.parent_path() /
              ("." + file.filename().string() + "." + std::to_string(getpid()) + ".tmp")) {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  ~Draft() {
    std::error_code ignored;
    if (!renamed_) fs::remove(path_, ignored);
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  const fs::path& path() const { return path_; }

  void rename() {
    std::error_code failed;
    fs::rename(path_, file_, failed);
    if (failed) fail(file_, "can't be written", failed.value());
    renamed_ = true;
  }

 private:
  fs::path file_;
  fs::path path_;
  bool renamed_ = false;
};

// `shown`: the file that messages name.
void write_text(const fs::path& path, const fs::path& shown, std::string_view text) {
  const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0) fail(shown, "can't be written", errno);
  int reason = 0;
  while (!text.empty() && reason == 0) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      reason = errno;
    }
  }
  if (close(descriptor) != 0 && reason == 0) reason = errno;
  if (reason != 0) fail(shown, "can't be written", reason);
}

}  // namespace

void write_beside(const fs::path& file, const std::function<void(const fs::path&)>& write) {
  Draft draft(file);
  write(draft.path());
  draft.rename();
}

void write_file_atomically(const fs::path& file, std::string_view content) {
  write_beside(file, [&](const fs::path& draft) { write_text(draft, file, content); });
}

void rewrite_file_atomically(const fs::path& file, std::string_view content) {
  std::error_code unresolved;
  const fs::path target = fs::canonical(file, unresolved);
  if (unresolved) fail(file, "can't be written", unresolved.value());
  struct stat before {};
  if (stat(target.c_str(), &before) != 0) fail(file, "can't be written", errno);
  // A file that may not be written is refused, though its folder would let us replace it.
  if (access(target.c_str(), W_OK) != 0) fail(file, "can't be written", errno);
  write_beside(target, [&](const fs::path& draft) {
    write_text(draft, file, content);
    if (chmod(draft.c_str(), before.st_mode & 07777) != 0) fail(file, "can't be written", errno);
  });
}

void copy_file_atomically(const fs::path& from, const fs::path& to) {
  Draft draft(to);
  std::error_code failed;
  fs::copy_file(from, draft.path(), failed);
  if (failed) fail(to, "can't be copied from " + from.string(), failed.value());
  fs::permissions(draft.path(), fs::perms::owner_write, fs::perm_options::add, failed);
  draft.rename();
}

void place_file_atomically(const fs::path& from, const fs::path& to) {
  {
    Draft draft(to);
    std::error_code failed;
    // rename() does nothing when both names are already the same file, and keeps the draft.
    if (fs::equivalent(from, to, failed) && !failed) return;
    fs::create_hard_link(from, draft.path(), failed);
    if (!failed) {
      draft.rename();
      return;
    }
  }
  copy_file_atomically(from, to);
}

void create_directory_for_output(const fs::path& directory) {
  std::error_code failed;
  fs::create_directories(directory, failed);
  if (!failed && fs::is_directory(directory, failed)) return;
  const int reason = failed ? failed.value() : ENOTDIR;
  fail(directory, "this directory can't be made", reason);
}

}  // namespace switchyard
