// The local Hugging Face cache, as the Python library lays it out: models--ORG--NAME/refs/REVISION
// names a commit, models--ORG--NAME/snapshots/COMMIT holds the files (symlinks into blobs/).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

// Where the programs of the Hub keep their files: HF_HOME, else XDG_CACHE_HOME/huggingface, else
// ~/.cache/huggingface. Need not exist. Nothing when not even a home directory is known.
std::optional<std::filesystem::path> hub_home();

// Where the cache is: HF_HUB_CACHE, else hub_home()/hub. Need not exist.
std::optional<std::filesystem::path> hub_cache_directory();

// True for "NAME" and "ORG/NAME" made of letters, digits, '-', '_' and '.', as the Hub allows them.
bool is_hub_id(std::string_view text);

// True for what can name a branch, a tag or a commit. What it lets through is safe as a path below
// refs/: no empty part, no ".", no "..", no control characters.
bool is_hub_revision(std::string_view text);

// True for a whole commit hash: 40 hexadecimal digits in lower case.
bool is_commit_hash(std::string_view text);

// "models--ORG--NAME".
std::string hub_entry_name(std::string_view id);

// The snapshot of a cache entry (a directory models--ORG--NAME) at `revision`: what refs/REVISION
// names, or the snapshot of that name or of a name that begins so (7 digits or more). Without a
// revision: what refs/main names, or the only snapshot where there is no refs/ at all. Nothing when
// none can be told.
std::optional<std::filesystem::path> find_snapshot(const std::filesystem::path& entry,
                                                   const std::optional<std::string>& revision = {});

// The same. Throws Error(kModel) that says why none can be told.
std::filesystem::path snapshot_of_entry(const std::filesystem::path& entry,
                                        const std::optional<std::string>& revision = {});

// The snapshot of `id`, or nothing when the cache has no entry of it. Throws as snapshot_of_entry.
std::optional<std::filesystem::path> find_in_hub_cache(
    const std::filesystem::path& cache, const std::string& id,
    const std::optional<std::string>& revision = {});

// "ORG/NAME" for a path with a component models--ORG--NAME.
std::optional<std::string> hub_id_of_path(const std::filesystem::path& path);

// Ids of all models in the cache, sorted.
std::vector<std::string> hub_ids(const std::filesystem::path& cache);

}  // namespace switchyard
