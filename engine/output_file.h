// Files that appear whole or not at all: written beside under a hidden name, then renamed. A program
// that is killed leaves at most a draft, whose name ends in ".tmp" or contains ".tmp.".
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

namespace switchyard {

// Calls `write` with the name of a draft beside `file`, then renames. Whatever `write` throws passes
// through after the draft is gone. Throws Error(kModel) with the system's reason; then `file` is as
// it was.
void write_beside(const std::filesystem::path& file,
                  const std::function<void(const std::filesystem::path& draft)>& write);

// Replaces `file`. Throws as write_beside.
void write_file_atomically(const std::filesystem::path& file, std::string_view content);

// Replaces the text of a file of the user's: its mode is kept, and of a symbolic link the target is
// replaced. Throws as write_beside, also when the file is not there or may not be written.
void rewrite_file_atomically(const std::filesystem::path& file, std::string_view content);

// Makes `to` the same file as `from` (a hard link), or a copy where links don't work. Replaces
// `to`. Throws as write_beside.
void place_file_atomically(const std::filesystem::path& from, const std::filesystem::path& to);

// A copy in any case, for files that belong to someone else. Replaces `to`. Throws as write_beside.
void copy_file_atomically(const std::filesystem::path& from, const std::filesystem::path& to);

// The directory with its parents. Throws Error(kModel) naming what is in the way.
void create_directory_for_output(const std::filesystem::path& directory);

}  // namespace switchyard
