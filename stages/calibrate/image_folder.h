// The images of a folder, with or without class folders.
//
//   folder/LABEL/**.png   class folders: the label is the name of the folder's direct child
//   folder/*.png          flat: no labels
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace switchyard {

struct ImageFile {
  std::filesystem::path file;
  std::string label;  // empty for an image that lies in the folder itself
};

// All files with an image's extension, by path, whatever order the file system has them in. Hidden
// files and folders are left out. A single image file is a folder of one.
// Throws Error(kModel) when `folder` is not there or can't be listed. May return nothing.
std::vector<ImageFile> list_images(const std::filesystem::path& folder);

// The images of the labels in turn: the first of every label, then the second, and so on. However
// few of them are used, every class is as evenly represented as it can be. Deterministic.
std::vector<ImageFile> interleave_labels(std::vector<ImageFile> images);

}  // namespace switchyard
