// Files that appear whole or not at all: written beside under a hidden name, then renamed.
#pragma once

#include <filesystem>
#include <string_view>

namespace switchyard {

// Replaces `file`. Throws Error(kModel) with the system's reason; then `file` is as it was.
void write_file_atomically(const std::filesystem::path& file, std::string_view content);

// Makes `to` the same file as `from` (a hard link), or a copy where links don't work. Replaces
// `to`. Throws Error(kModel).
void place_file_atomically(const std::filesystem::path& from, const std::filesystem::path& to);

// A copy in any case, for files that belong to someone else. Replaces `to`. Throws Error(kModel).
void copy_file_atomically(const std::filesystem::path& from, const std::filesystem::path& to);

// The directory with its parents. Throws Error(kModel) naming what is in the way.
void create_directory_for_output(const std::filesystem::path& directory);

}  // namespace switchyard
