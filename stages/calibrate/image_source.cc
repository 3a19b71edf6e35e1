#include "stages/calibrate/image_source.h"

#include <algorithm>
#include <utility>

#include "engine/error.h"
#include "stages/calibrate/image.h"
#include "stages/calibrate/image_folder.h"
#include "stages/calibrate/preprocess.h"

namespace switchyard {
namespace {

constexpr std::size_t kKeptBytes = std::size_t{256} << 20;

}  // namespace

ImageFolderSource::ImageFolderSource(const std::filesystem::path& folder,
                                     const ImagePreprocessing& preprocessing, Options options)
    : preprocessing_(preprocessing), options_(std::move(options)) {
  const std::vector<ImageFile> files = interleave_labels(list_images(folder));
  std::size_t kept_bytes = 0;
  for (const ImageFile& image : files) {
    if (options_.samples != 0 && samples_.size() == options_.samples) break;
    try {
      Tensor tensor = prepare(image.file);
      if (samples_.empty()) shape_ = tensor.shape;
      if (tensor.shape != shape_) {
        left_out_.push_back(image.file.string() +
                            ": prepared, it has another size than the images before it");
        continue;
      }
      kept_bytes += tensor.bytes.size();
      if (kept_bytes > kKeptBytes) tensor = {};
      samples_.push_back({image.file, std::move(tensor)});
    } catch (const Error& error) {
      left_out_.push_back(image.file.string() + ": " + error.message());
    }
  }
  if (!samples_.empty()) return;
  if (files.empty())
    throw Error(ErrorKind::kModel, Place{folder.string()},
                "there are no PNG or JPEG images here to calibrate with",
                "Give a folder of images, flat or with one folder a class");
  throw Error(ErrorKind::kModel, Place{folder.string()},
              "none of the " + std::to_string(files.size()) +
                  " images here can be read; the first is " + left_out_.front(),
              "Replace the images or give another folder");
}

Tensor ImageFolderSource::prepare(const std::filesystem::path& file) const {
  return convert_tensor(preprocess_image(preprocessing_, read_image(file), file.string()),
                        options_.dtype);
}

bool ImageFolderSource::next(NamedTensors& inputs) {
  if (at_ >= samples_.size()) return false;
  inputs = draw_inputs(options_.others, at_ + 1);
  std::vector<Tensor> batch;
  for (; batch.size() < std::max<std::size_t>(options_.batch, 1) && at_ < samples_.size(); ++at_) {
    Sample& sample = samples_[at_];
    batch.push_back(sample.prepared.bytes.empty() ? prepare(sample.file)
                                                  : std::exchange(sample.prepared, {}));
    // The file was there when the folder was read; it may have been replaced since.
    if (batch.back().shape != shape_)
      throw Error(ErrorKind::kModel, Place{sample.file.string()},
                  "the image changed while it was used for calibration");
  }
  batch.resize(std::max<std::size_t>(options_.batch, 1), batch.back());
  inputs[options_.input] = stack(batch);
  return true;
}

}  // namespace switchyard
