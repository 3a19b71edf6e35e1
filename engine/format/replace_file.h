// Rewriting a file of the user's in place.
#pragma once

#include <filesystem>
#include <string_view>

namespace switchyard {

// Writes beside `file` and renames, so that it is the old text or the new one whole; the mode is
// kept, and of a symbolic link the target is replaced. Throws Error(kModel) with the system's
// reason; then `file` is as it was.
void replace_file_text(const std::filesystem::path& file, std::string_view text);

}  // namespace switchyard
