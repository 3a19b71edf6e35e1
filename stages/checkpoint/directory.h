// What lies in a directory, for saying what is there in place of what was looked for.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace switchyard {

// File names, sorted; none when it can't be read.
std::vector<std::string> file_names_in(const std::filesystem::path& directory);

}  // namespace switchyard
