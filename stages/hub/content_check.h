// Whether a file is what its etag says.
#pragma once

#include <filesystem>
#include <string>

namespace switchyard {

// An etag of 64 hexadecimal digits is the SHA-256 of the content (git-lfs files), one of 40 the
// SHA-1 of git's blob of it (files in git). Any other says nothing of the content: true.
// Throws Error(kModel) when the file can't be read.
bool content_matches(const std::filesystem::path& file, const std::string& etag);

}  // namespace switchyard
