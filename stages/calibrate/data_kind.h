// What kind of data lies at a path, told by the files' names.
#pragma once

#include <filesystem>
#include <string_view>

namespace switchyard {

enum class DataKind { kNone, kImages, kText, kAudio };

// "images", "text", "audio" or "nothing that is known", for messages.
std::string_view data_kind_name(DataKind kind);

// Of a file, or of the files below a directory: images if there are any, else audio, else text (a
// folder of recordings usually has a .jsonl with their labels beside them).
// Throws Error(kModel) when the path is not there or can't be read.
DataKind detect_data_kind(const std::filesystem::path& path);

}  // namespace switchyard
