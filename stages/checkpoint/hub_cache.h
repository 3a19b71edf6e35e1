// The local Hugging Face cache: models--ORG--NAME/refs/main names a revision,
// models--ORG--NAME/snapshots/REVISION holds the files (symlinks into blobs/).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

// Where the cache is: HF_HUB_CACHE, else HF_HOME/hub, else XDG_CACHE_HOME/huggingface/hub, else
// ~/.cache/huggingface/hub. Need not exist. Nothing when not even a home directory is known.
std::optional<std::filesystem::path> hub_cache_directory();

// True for "NAME" and "ORG/NAME" made of letters, digits, '-', '_' and '.'.
bool is_hub_id(std::string_view text);

// The snapshot of `id` that refs/main names (the only one, where there is no refs/main), or nothing
// when the cache has none. Throws Error(kModel) when the entry is there but no snapshot can be
// told.
std::optional<std::filesystem::path> find_in_hub_cache(const std::filesystem::path& cache,
                                                       const std::string& id);

// The snapshot inside a cache entry (a directory models--ORG--NAME).
std::filesystem::path snapshot_of_entry(const std::filesystem::path& entry);

// "ORG/NAME" for a path with a component models--ORG--NAME.
std::optional<std::string> hub_id_of_path(const std::filesystem::path& path);

// Ids of all models in the cache, sorted.
std::vector<std::string> hub_ids(const std::filesystem::path& cache);

}  // namespace switchyard
