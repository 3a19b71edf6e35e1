#include "stages/workshop/directory_watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <set>
#include <unordered_map>
#include <utility>

namespace switchyard {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM |
                                  IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
// Something that never rests is reported all the same.
constexpr milliseconds kLongestBurst{1000};
// How often a directory that went away is looked for.
constexpr milliseconds kLookAgain{200};

bool is_hidden(const fs::path& path) { return path.filename().native().starts_with('.'); }

}  // namespace

Error watch_error(const fs::path& directory, int reason) {
  const Place place{directory.string()};
  if (reason == ENOSPC) {
    return {ErrorKind::kModel, place,
            "can't be watched: all of the system's inotify watches are used",
            "Raise fs.inotify.max_user_watches, or end a program that watches many files"};
  }
  if (reason == EMFILE || reason == ENFILE) {
    return {ErrorKind::kModel, place, "can't be watched: no inotify instance or open file is left",
            "Raise fs.inotify.max_user_instances, or end a program that watches files"};
  }
  if (reason == ENOENT || reason == ENOTDIR) {
    return {ErrorKind::kUsage, place, "is not a directory", "Give a directory to watch"};
  }
  return {ErrorKind::kModel, place, std::string("can't be watched: ") + std::strerror(reason),
          "Check that the directory may be read"};
}

struct DirectoryWatch::Impl {
  std::vector<fs::path> roots;
  std::vector<std::string> endings;
  int inotify = -1;
  std::unordered_map<int, fs::path> watched;
  std::set<fs::path> missing;  // roots that went away
  std::set<fs::path> changed;

  ~Impl() {
    if (inotify >= 0) close(inotify);
  }

  bool concerns(const fs::path& file) const {
    const std::string ending = file.extension().string();
    return !is_hidden(file) && std::find(endings.begin(), endings.end(), ending) != endings.end();
  }

  // Returns errno, or 0.
  int add(const fs::path& directory) {
    const int watch = inotify_add_watch(inotify, directory.c_str(), kEvents);
    if (watch < 0) return errno;
    watched[watch] = directory;
    return 0;
  }

  // With everything below. A folder that vanishes meanwhile is left out.
  void add_tree(const fs::path& directory) {
    const int reason = add(directory);
    if (reason == ENOENT || reason == ENOTDIR) return;
    if (reason != 0) throw watch_error(directory, reason);
    std::error_code fault;
    for (fs::directory_iterator entries(directory, fault), end; !fault && entries != end;
         entries.increment(fault)) {
      std::error_code unknown;
      if (entries->is_symlink(unknown) || is_hidden(entries->path())) continue;
      if (entries->is_directory(unknown)) add_tree(entries->path());
    }
  }

  void forget_tree(const fs::path& directory) {
    const std::string below = directory.string() + '/';
    std::erase_if(watched, [&](const auto& entry) {
      const bool gone = entry.second == directory || entry.second.string().starts_with(below);
      if (gone) inotify_rm_watch(inotify, entry.first);
      return gone;
    });
  }

  // After events were lost, or a directory came back: everything anew.
  void start_over() {
    for (const auto& [watch, directory] : watched) inotify_rm_watch(inotify, watch);
    watched.clear();
    missing.clear();
    for (const fs::path& root : roots) {
      std::error_code unknown;
      if (fs::is_directory(root, unknown)) {
        add_tree(root);
      } else {
        missing.insert(root);
      }
    }
  }

  void look_for_missing() {
    const bool is_back = std::any_of(missing.begin(), missing.end(), [](const fs::path& root) {
      std::error_code unknown;
      return fs::is_directory(root, unknown);
    });
    if (!is_back) return;
    const std::set<fs::path> were_missing = missing;
    start_over();
    for (const fs::path& root : were_missing) {
      if (!missing.contains(root)) changed.insert(root);
    }
  }

  void take_event(const inotify_event& event) {
    if ((event.mask & IN_Q_OVERFLOW) != 0) {
      changed.insert(roots.begin(), roots.end());
      start_over();
      return;
    }
    const auto found = watched.find(event.wd);
    if (found == watched.end()) return;
    const fs::path directory = found->second;
    if ((event.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)) != 0) {
      if (std::find(roots.begin(), roots.end(), directory) == roots.end()) {
        if ((event.mask & IN_IGNORED) != 0) watched.erase(found);
        return;
      }
      changed.insert(directory);
      forget_tree(directory);
      missing.insert(directory);
      return;
    }
    const fs::path path = directory / event.name;
    if ((event.mask & IN_ISDIR) == 0) {
      if (concerns(path)) changed.insert(path);
      return;
    }
    if (is_hidden(path)) return;
    changed.insert(path);
    if ((event.mask & (IN_MOVED_FROM | IN_DELETE)) != 0) forget_tree(path);
    if ((event.mask & (IN_MOVED_TO | IN_CREATE)) != 0) add_tree(path);
  }

  void take_events() {
    alignas(inotify_event) std::array<char, 16384> buffer;
    for (;;) {
      const ssize_t size = read(inotify, buffer.data(), buffer.size());
      if (size <= 0) return;
      for (ssize_t at = 0; at < size;) {
        const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
        at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
        take_event(*event);
      }
    }
  }

  // How long the next poll may take, in milliseconds; -1: until something happens.
  int patience(milliseconds quiet) const {
    if (!changed.empty()) return static_cast<int>(quiet.count());
    return missing.empty() ? -1 : static_cast<int>(kLookAgain.count());
  }
};

DirectoryWatch::DirectoryWatch(std::vector<fs::path> directories, std::vector<std::string> endings)
    : impl_(std::make_unique<Impl>()) {
  impl_->roots = std::move(directories);
  impl_->endings = std::move(endings);
  impl_->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  const fs::path first = impl_->roots.empty() ? fs::path() : impl_->roots.front();
  if (impl_->inotify < 0) throw watch_error(first, errno);
  impl_->start_over();
  if (!impl_->missing.empty()) throw watch_error(*impl_->missing.begin(), ENOENT);
}

DirectoryWatch::~DirectoryWatch() = default;

std::vector<fs::path> DirectoryWatch::wait(int stop, milliseconds quiet) {
  impl_->changed.clear();
  Clock::time_point since{};
  for (;;) {
    std::array<pollfd, 2> sources{{{impl_->inotify, POLLIN, 0}, {stop, POLLIN, 0}}};
    const int ready = poll(sources.data(), sources.size(), impl_->patience(quiet));
    if (ready < 0 && errno != EINTR) throw watch_error(impl_->roots.front(), errno);
    if ((sources[1].revents & (POLLIN | POLLHUP)) != 0) return {};
    const bool was_empty = impl_->changed.empty();
    if (ready > 0) impl_->take_events();
    if (!impl_->missing.empty()) impl_->look_for_missing();
    if (impl_->changed.empty()) continue;
    if (was_empty) since = Clock::now();
    if (ready == 0 || Clock::now() - since > kLongestBurst) break;
  }
  return {impl_->changed.begin(), impl_->changed.end()};
}

}  // namespace switchyard
