#include "stages/checkpoint/hub_cache.h"

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include "engine/error.h"
#include "engine/text.h"
#include "stages/checkpoint/mapped_file.h"

namespace switchyard {
namespace {

constexpr std::string_view kEntryPrefix = "models--";
constexpr std::string_view kSlash = "--";  // how '/' is written in an entry's name

std::optional<std::filesystem::path> environment_path(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr || *value == '\0') return {};
  return std::filesystem::path(value);
}

std::optional<std::string> id_of_entry(std::string_view name) {
  if (!name.starts_with(kEntryPrefix)) return {};
  name.remove_prefix(kEntryPrefix.size());
  const auto slash = name.find(kSlash);
  std::string id(name.substr(0, slash));
  if (slash != name.npos) (id += '/') += name.substr(slash + kSlash.size());
  return is_hub_id(id) ? std::optional(std::move(id)) : std::nullopt;
}

}  // namespace

std::optional<std::filesystem::path> hub_cache_directory() {
  if (auto path = environment_path("HF_HUB_CACHE")) return path;
  if (auto path = environment_path("HF_HOME")) return *path / "hub";
  if (auto path = environment_path("XDG_CACHE_HOME")) return *path / "huggingface" / "hub";
  if (auto path = environment_path("HOME")) return *path / ".cache" / "huggingface" / "hub";
  return {};
}

bool is_hub_id(std::string_view text) {
  const auto is_name = [](std::string_view part) {
    return !part.empty() && part.front() != '.' && part.front() != '-' &&
           std::all_of(part.begin(), part.end(), [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '-' || c == '_' || c == '.';
           });
  };
  const auto slash = text.find('/');
  if (slash == text.npos) return is_name(text);
  return is_name(text.substr(0, slash)) && is_name(text.substr(slash + 1));
}

std::filesystem::path snapshot_of_entry(const std::filesystem::path& entry) {
  std::error_code error;
  const std::filesystem::path main = entry / "refs" / "main";
  const std::filesystem::path snapshots = entry / "snapshots";
  if (std::filesystem::is_regular_file(main, error)) {
    const std::string revision = std::string(trim(read_text(main)));
    const std::filesystem::path snapshot = snapshots / revision;
    if (is_hub_id(revision) && std::filesystem::is_directory(snapshot, error)) return snapshot;
    throw Error(ErrorKind::kModel, Place{main.string()},
                "names a revision that is not among the cache entry's snapshots",
                "Download the model again");
  }
  std::vector<std::filesystem::path> found;
  for (std::filesystem::directory_iterator it(snapshots, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (it->is_directory(ignored)) found.push_back(it->path());
  }
  if (found.size() == 1) return found.front();
  throw Error(
      ErrorKind::kModel, Place{entry.string()},
      found.empty() ? "is a cache entry without a snapshot"
                    : "is a cache entry with several snapshots and no refs/main",
      found.empty() ? "Download the model again" : "Name one of its snapshots' directories");
}

std::optional<std::filesystem::path> find_in_hub_cache(const std::filesystem::path& cache,
                                                       const std::string& id) {
  std::string name(kEntryPrefix);
  for (const char c : id) {
    if (c == '/') {
      name += kSlash;
    } else {
      name += c;
    }
  }
  std::error_code error;
  const std::filesystem::path entry = cache / name;
  if (!std::filesystem::is_directory(entry, error)) return {};
  return snapshot_of_entry(entry);
}

std::optional<std::string> hub_id_of_path(const std::filesystem::path& path) {
  for (const auto& part : path) {
    if (auto id = id_of_entry(part.string())) return id;
  }
  return {};
}

std::vector<std::string> hub_ids(const std::filesystem::path& cache) {
  std::vector<std::string> ids;
  std::error_code error;
  for (std::filesystem::directory_iterator it(cache, error), end; !error && it != end;
       it.increment(error)) {
    if (auto id = id_of_entry(it->path().filename().string())) ids.push_back(std::move(*id));
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace switchyard
