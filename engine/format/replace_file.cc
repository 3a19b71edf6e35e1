#include "engine/format/replace_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "engine/error.h"

namespace switchyard {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& file, int reason) {
  throw Error(ErrorKind::kModel, {file.string()},
              std::string("can't be written: ") + std::strerror(reason),
              "Check the permissions of the file and its folder");
}

int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

void replace_file_text(const fs::path& file, std::string_view text) {
  std::error_code unresolved;
  fs::path target = fs::canonical(file, unresolved);
  if (unresolved) fail(file, unresolved.value());
  struct stat before {};
  if (stat(target.c_str(), &before) != 0) fail(file, errno);
  // A file that may not be written is refused, though its folder would let us replace it.
  if (access(target.c_str(), W_OK) != 0) fail(file, errno);

  // Hidden, so that nobody who reads or watches the folder takes it for a rule file.
  std::string draft = (target.parent_path() / ('.' + target.filename().string() + ".XXXXXX"));
  const int descriptor = mkstemp(draft.data());
  if (descriptor < 0) fail(file, errno);
  int reason = write_all(descriptor, text);
  if (reason == 0 && fchmod(descriptor, before.st_mode & 07777) != 0) reason = errno;
  if (close(descriptor) != 0 && reason == 0) reason = errno;
  if (reason == 0 && rename(draft.c_str(), target.c_str()) != 0) reason = errno;
  if (reason == 0) return;
  unlink(draft.c_str());
  fail(file, reason);
}

}  // namespace switchyard
