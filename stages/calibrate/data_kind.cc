#include "stages/calibrate/data_kind.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "engine/error.h"

namespace switchyard {
namespace fs = std::filesystem;
namespace {

struct Extension {
  std::string_view suffix;
  DataKind kind;
};
constexpr std::array<Extension, 15> kExtensions{{
    {".png", DataKind::kImages},
    {".jpg", DataKind::kImages},
    {".jpeg", DataKind::kImages},
    {".gif", DataKind::kImages},
    {".bmp", DataKind::kImages},
    {".webp", DataKind::kImages},
    {".wav", DataKind::kAudio},
    {".flac", DataKind::kAudio},
    {".mp3", DataKind::kAudio},
    {".ogg", DataKind::kAudio},
    {".jsonl", DataKind::kText},
    {".txt", DataKind::kText},
    {".csv", DataKind::kText},
    {".tsv", DataKind::kText},
    {".json", DataKind::kText},
}};

DataKind kind_of_name(const fs::path& file) {
  std::string suffix = file.extension().string();
  std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const Extension& extension : kExtensions)
    if (suffix == extension.suffix) return extension.kind;
  return DataKind::kNone;
}

// Which kind decides what a folder is, where several lie in it.
int weight(DataKind kind) {
  switch (kind) {
    case DataKind::kImages:
      return 3;
    case DataKind::kAudio:
      return 2;
    case DataKind::kText:
      return 1;
    case DataKind::kNone:
      return 0;
  }
  return 0;
}

// An empty file holds no data; an empty image is a damaged one, and reported as such later.
DataKind kind_of_file(const fs::path& file) {
  const DataKind kind = kind_of_name(file);
  std::error_code error;
  const bool empty = kind != DataKind::kImages && fs::file_size(file, error) == 0;
  return empty || error ? DataKind::kNone : kind;
}

[[noreturn]] void fail(const fs::path& path, const std::string& reason) {
  throw Error(ErrorKind::kModel, Place{path.string()}, reason,
              "Check the path that was given for calibration data");
}

}  // namespace

std::string_view data_kind_name(DataKind kind) {
  switch (kind) {
    case DataKind::kImages:
      return "images";
    case DataKind::kText:
      return "text";
    case DataKind::kAudio:
      return "audio";
    case DataKind::kNone:
      break;
  }
  return "nothing that is known";
}

DataKind detect_data_kind(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) fail(path, "there is no such file or directory");
  if (!fs::is_directory(status)) return kind_of_file(path);
  DataKind found = DataKind::kNone;
  fs::recursive_directory_iterator at(path, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    const DataKind kind = kind_of_file(at->path());
    if (weight(kind) > weight(found)) found = kind;
    if (found == DataKind::kImages) return found;
  }
  if (error) fail(path, "the directory can't be read: " + error.message());
  return found;
}

}  // namespace switchyard
