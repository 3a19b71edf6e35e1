#include "stages/calibrate/image_folder.h"

#include <algorithm>
#include <map>

#include "engine/error.h"
#include "stages/calibrate/image.h"

namespace switchyard {
namespace fs = std::filesystem;
namespace {

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with("."); }

[[noreturn]] void fail(const fs::path& path, const std::string& reason) {
  throw Error(ErrorKind::kModel, Place{path.string()}, reason,
              "Check the path and its permissions");
}

}  // namespace

std::vector<ImageFile> list_images(const fs::path& folder) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (!fs::exists(status)) fail(folder, "there is no such file or directory");
  std::vector<ImageFile> images;
  if (!fs::is_directory(status)) {
    if (has_image_extension(folder)) images.push_back({folder, ""});
    return images;
  }
  fs::recursive_directory_iterator at(folder, error);
  if (error) fail(folder, "the directory can't be read: " + error.message());
  for (; at != fs::recursive_directory_iterator(); at.increment(error)) {
    const fs::path path = at->path();
    std::error_code ignored;
    if (is_hidden(path)) {
      at.disable_recursion_pending();
    } else if (has_image_extension(path) && !at->is_directory(ignored)) {
      const fs::path below = path.lexically_relative(folder);
      images.push_back({path, at.depth() == 0 ? "" : below.begin()->string()});
    }
    if (error) break;
  }
  if (error) fail(folder, "the directory can't be read: " + error.message());
  std::sort(images.begin(), images.end(),
            [](const ImageFile& a, const ImageFile& b) { return a.file < b.file; });
  return images;
}

std::vector<ImageFile> interleave_labels(std::vector<ImageFile> images) {
  std::map<std::string, std::vector<ImageFile>> by_label;
  const std::size_t count = images.size();
  for (ImageFile& image : images) by_label[image.label].push_back(std::move(image));
  std::vector<ImageFile> in_turn;
  in_turn.reserve(count);
  for (std::size_t round = 0; in_turn.size() < count; ++round)
    for (auto& [label, files] : by_label)
      if (round < files.size()) in_turn.push_back(std::move(files[round]));
  return in_turn;
}

}  // namespace switchyard
