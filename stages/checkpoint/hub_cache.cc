#include "stages/checkpoint/hub_cache.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <system_error>

#include "engine/error.h"
#include "engine/text.h"
#include "stages/checkpoint/mapped_file.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEntryPrefix = "models--";
constexpr std::string_view kSlash = "--";  // how '/' is written in an entry's name
constexpr std::size_t kLongestId = 96;     // the Hub's own limit
constexpr std::size_t kLongestRevision = 255;
constexpr std::size_t kHashDigits = 40;
constexpr std::size_t kLeastHashDigits = 7;  // as git abbreviates

std::optional<fs::path> environment_path(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr || *value == '\0') return {};
  return fs::path(value);
}

std::optional<std::string> id_of_entry(std::string_view name) {
  if (!name.starts_with(kEntryPrefix)) return {};
  name.remove_prefix(kEntryPrefix.size());
  const auto slash = name.find(kSlash);
  std::string id(name.substr(0, slash));
  if (slash != name.npos) (id += '/') += name.substr(slash + kSlash.size());
  return is_hub_id(id) ? std::optional(std::move(id)) : std::nullopt;
}

bool is_hash_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

std::vector<std::string> directories_in(const fs::path& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (it->is_directory(ignored)) names.push_back(it->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// A snapshot, or why there is none.
struct Lookup {
  std::optional<fs::path> snapshot;
  fs::path place = {};
  std::string what = {};
  std::string mend = {};
};

Lookup follow_ref(const fs::path& entry, const fs::path& ref) {
  const std::string commit(trim(read_text(ref)));
  // A commit is one name: a ref that says "../.." leads nowhere.
  if (is_hub_revision(commit) && commit.find('/') == commit.npos) {
    std::error_code error;
    fs::path snapshot = entry / "snapshots" / commit;
    if (fs::is_directory(snapshot, error)) return {std::move(snapshot)};
  }
  return {{},
          ref,
          "names a revision that is not among the cache entry's snapshots",
          "Download the model again"};
}

Lookup look_up_revision(const fs::path& entry, const std::string& revision) {
  std::error_code error;
  if (is_hub_revision(revision)) {
    const fs::path ref = entry / "refs" / revision;
    if (fs::is_regular_file(ref, error)) return follow_ref(entry, ref);
    fs::path snapshot = entry / "snapshots" / revision;
    if (revision.find('/') == revision.npos && fs::is_directory(snapshot, error)) return {snapshot};
  }
  const std::vector<std::string> snapshots = directories_in(entry / "snapshots");
  std::vector<std::string> begun;
  if (revision.size() >= kLeastHashDigits) {
    std::copy_if(snapshots.begin(), snapshots.end(), std::back_inserter(begun),
                 [&](const std::string& name) { return name.starts_with(revision); });
  }
  if (begun.size() == 1) return {entry / "snapshots" / begun.front()};
  if (begun.size() > 1) {
    return {{}, entry, "has several snapshots that begin with " + revision, "Give more digits"};
  }
  std::vector<std::string> known;
  for (fs::directory_iterator it(entry / "refs", error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored)) known.push_back(it->path().filename().string());
  }
  known.insert(known.end(), snapshots.begin(), snapshots.end());
  std::string mend = did_you_mean(revision, known);
  if (mend.empty()) {
    mend = known.empty() ? "Download the model again" : "It has " + join_names(known);
  }
  return {{}, entry, "is a cache entry without the revision " + revision, std::move(mend)};
}

Lookup look_up(const fs::path& entry, const std::optional<std::string>& revision) {
  if (revision) return look_up_revision(entry, *revision);
  std::error_code error;
  const fs::path main = entry / "refs" / "main";
  if (fs::is_regular_file(main, error)) return follow_ref(entry, main);
  const std::vector<std::string> found = directories_in(entry / "snapshots");
  if (found.size() == 1) {
    // Where revisions were asked for by name, the only one need not be the main one.
    if (!fs::exists(entry / "refs", error)) return {entry / "snapshots" / found.front()};
    return {{},
            entry,
            "is a cache entry without refs/main",
            "Name its snapshot with --revision " + found.front()};
  }
  if (found.empty()) {
    return {{}, entry, "is a cache entry without a snapshot", "Download the model again"};
  }
  return {{},
          entry,
          "is a cache entry with several snapshots and no refs/main",
          "Name one of its snapshots with --revision: " + join_names(found)};
}

}  // namespace

std::optional<fs::path> hub_home() {
  if (auto path = environment_path("HF_HOME")) return path;
  if (auto path = environment_path("XDG_CACHE_HOME")) return *path / "huggingface";
  if (auto path = environment_path("HOME")) return *path / ".cache" / "huggingface";
  return {};
}

std::optional<fs::path> hub_cache_directory() {
  if (auto path = environment_path("HF_HUB_CACHE")) return path;
  if (auto home = hub_home()) return *home / "hub";
  return {};
}

bool is_hub_id(std::string_view text) {
  if (text.size() > kLongestId) return false;
  // "--" stands for the slash in the names of cache entries.
  if (text.find(kSlash) != text.npos || text.find("..") != text.npos) return false;
  const auto is_name = [](std::string_view part) {
    return !part.empty() && part.front() != '.' && part.front() != '-' && part.back() != '.' &&
           part.back() != '-' && std::all_of(part.begin(), part.end(), [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '-' || c == '_' || c == '.';
           });
  };
  const auto slash = text.find('/');
  if (slash == text.npos) return is_name(text);
  return is_name(text.substr(0, slash)) && is_name(text.substr(slash + 1));
}

bool is_hub_revision(std::string_view text) {
  if (text.empty() || text.size() > kLongestRevision) return false;
  if (std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '\\';
      })) {
    return false;
  }
  while (true) {
    const auto slash = text.find('/');
    const std::string_view part = text.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == text.npos) return true;
    text.remove_prefix(slash + 1);
  }
}

bool is_commit_hash(std::string_view text) {
  return text.size() == kHashDigits && std::all_of(text.begin(), text.end(), is_hash_digit);
}

std::string hub_entry_name(std::string_view id) {
  std::string name(kEntryPrefix);
  for (const char c : id) {
    if (c == '/') {
      name += kSlash;
    } else {
      name += c;
    }
  }
  return name;
}

std::optional<fs::path> find_snapshot(const fs::path& entry,
                                      const std::optional<std::string>& revision) {
  return look_up(entry, revision).snapshot;
}

fs::path snapshot_of_entry(const fs::path& entry, const std::optional<std::string>& revision) {
  Lookup found = look_up(entry, revision);
  if (found.snapshot) return *std::move(found.snapshot);
  throw Error(ErrorKind::kModel, Place{found.place.string()}, std::move(found.what),
              std::move(found.mend));
}

std::optional<fs::path> find_in_hub_cache(const fs::path& cache, const std::string& id,
                                          const std::optional<std::string>& revision) {
  std::error_code error;
  const fs::path entry = cache / hub_entry_name(id);
  if (!fs::is_directory(entry, error)) return {};
  return snapshot_of_entry(entry, revision);
}

std::optional<std::string> hub_id_of_path(const fs::path& path) {
  for (const auto& part : path) {
    if (auto id = id_of_entry(part.string())) return id;
  }
  return {};
}

std::vector<std::string> hub_ids(const fs::path& cache) {
  std::vector<std::string> ids;
  std::error_code error;
  for (fs::directory_iterator it(cache, error), end; !error && it != end; it.increment(error)) {
    if (auto id = id_of_entry(it->path().filename().string())) ids.push_back(std::move(*id));
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace switchyard
