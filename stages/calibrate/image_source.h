// Calibration data from a folder of images, prepared as the model wants them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "stages/checkpoint/preprocessing.h"
#include "stages/quantize/calibration.h"

namespace switchyard {

class ImageFolderSource : public CalibrationSource {
 public:
  struct Options {
    std::size_t samples = 0;  // at most so many images, spread over the classes; 0: all
    std::size_t batch = 1;    // images a run; a last, smaller batch is filled up by repeating
    std::string input = "pixel_values";  // the graph's name of the image input
    std::string dtype = "float32";  // the graph's type of it; float32 must be convertible to it
    std::vector<InputPlan> others;  // the graph's further inputs, drawn at random
  };

  // Reads the images at once, so that what can't be read is known before calibration starts and
  // another image takes its place; prepared pixels are kept up to 256 MiB and prepared again when
  // their turn comes beyond that. Images of another prepared size than the first are left out.
  // Throws Error(kModel): the folder can't be read, or no image in it can.
  ImageFolderSource(const std::filesystem::path& folder, const ImagePreprocessing& preprocessing,
                    Options options);

  bool next(NamedTensors& inputs) override;

  // Images that will be yielded, batches filled up not counted.
  std::size_t samples() const { return samples_.size(); }
  // Of one image without the batch axis: [channels, height, width].
  const std::vector<std::int64_t>& shape() const { return shape_; }
  // One sentence for each image that was left out, and why.
  const std::vector<std::string>& left_out() const { return left_out_; }

 private:
  struct Sample {
    std::filesystem::path file;
    Tensor prepared;  // empty: beyond the limit of what is kept
  };
  Tensor prepare(const std::filesystem::path& file) const;

  ImagePreprocessing preprocessing_;
  Options options_;
  std::vector<Sample> samples_;
  std::vector<std::int64_t> shape_;
  std::vector<std::string> left_out_;
  std::size_t at_ = 0;
};

}  // namespace switchyard
