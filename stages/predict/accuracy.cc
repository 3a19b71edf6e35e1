#include "stages/predict/accuracy.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "engine/error.h"
#include "stages/calibrate/image_folder.h"

namespace switchyard {
namespace {

std::string fold(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  std::string folded(text);
  for (char& c : folded) {
    if (c == '_' || c == '-') c = ' ';
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return folded;
}

// The indices a folder's name stands for: several where labels repeat, none where none fits.
using Names = std::multimap<std::string, std::size_t>;

Names names_of(const std::vector<std::string>& labels) {
  Names names;
  for (std::size_t index = 0; index < labels.size(); ++index) {
    names.emplace(fold(labels[index]), index);
    const std::string_view label = labels[index];
    for (std::size_t begin = 0; label.find(',') != label.npos && begin <= label.size();) {
      const std::size_t end = std::min(label.find(',', begin), label.size());
      names.emplace(fold(label.substr(begin, end - begin)), index);
      begin = end + 1;
    }
  }
  return names;
}

std::set<std::size_t> indices_of(const Names& names, const std::string& folder,
                                 std::size_t classes) {
  std::set<std::size_t> indices;
  const auto [begin, end] = names.equal_range(fold(folder));
  for (auto it = begin; it != end; ++it) indices.insert(it->second);
  const bool is_number = !folder.empty() && folder.size() < 8 &&
                         std::all_of(folder.begin(), folder.end(),
                                     [](unsigned char c) { return std::isdigit(c) != 0; });
  if (indices.empty() && is_number && std::stoul(folder) < classes)
    indices.insert(std::stoul(folder));
  return indices;
}

}  // namespace

Accuracy evaluate_images(const Predictor& predictor, const std::filesystem::path& folder) {
  const std::vector<ImageFile> images = list_images(folder);
  const Names names = names_of(predictor.labels());
  std::map<std::string, std::set<std::size_t>> classes;
  std::vector<std::filesystem::path> files;
  for (const ImageFile& image : images) {
    if (image.label.empty()) continue;
    files.push_back(image.file);
    if (classes.contains(image.label)) continue;
    std::set<std::size_t> indices = indices_of(names, image.label, predictor.labels().size());
    if (indices.empty())
      throw Error(ErrorKind::kModel, Place{(folder / image.label).string()},
                  "the folder's name is no label of the model",
                  "Name each class folder after its label or its index");
    classes.emplace(image.label, std::move(indices));
  }
  if (files.empty())
    throw Error(ErrorKind::kModel, Place{folder.string()},
                "no images in class folders were found here",
                "Give a directory with one sub-directory of PNG or JPEG images for each label");
  const std::vector<ImagePrediction> predictions = predictor.predict(files);
  Accuracy accuracy;
  for (const ImageFile& image : images) {
    if (image.label.empty()) continue;
    const std::size_t best = predictions[accuracy.images++].predictions.front().index;
    if (classes.at(image.label).contains(best)) ++accuracy.correct;
  }
  return accuracy;
}

}  // namespace switchyard
