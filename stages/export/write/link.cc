#include "stages/export/write/link.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "engine/output_file.h"
#include "engine/file_writer.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

bool reflink(const fs::path& from, const fs::path& to) {
  const int in = open(from.c_str(), O_RDONLY | O_CLOEXEC);
  if (in < 0) return false;
  const int out = open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  bool done = false;
  if (out >= 0) {
    done = ioctl(out, FICLONE, in) == 0;
    close(out);
    if (!done) unlink(to.c_str());
  }
  close(in);
  return done;
}

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::equivalent(a, b, error) && !error;
}

}  // namespace

std::string link_beside(const WeightFile& file, const fs::path& directory,
                        const std::string& stem) {
  // The checkpoint's name: a Hugging Face cache keeps the file itself under a digest.
  std::string name = file.name;
  std::error_code error;
  const bool taken = fs::symlink_status(directory / name, error).type() != fs::file_type::not_found;
  if (taken && (fs::is_symlink(directory / name, error) || !same_file(file.path, directory / name)))
    name = stem + fs::path(file.name).extension().string();
  const fs::path target = directory / name;
  if (!fs::is_symlink(target, error) && same_file(file.path, target)) return name;
  write_beside(target, [&](const fs::path& draft) {
    fs::create_hard_link(file.path, draft, error);
    if (!error || reflink(file.path, draft)) return;
    FileWriter copy(draft);
    copy.append_file(file.path, 0, file.size);
    copy.close();
  });
  return name;
}

}  // namespace switchyard
