// Chooses the data that quantize calibrates with: what the calibration decision or the user asked
// for where it fits the graph, random data drawn from the graph's own inputs where it does not.
//
//   CalibrationRequest request{.source = "image-folder", .samples = 100, .data = "images"};
//   CalibrationChoice choice = make_calibration(request, "optimized.onnx", preprocessing);
//   for (const std::string& warning : choice.warnings) warn(warning);
//   quantize_model("optimized.onnx", "quantized.onnx", *choice.source);
//   manifest.set("calibration", choice.record());
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/value.h"
#include "stages/checkpoint/preprocessing.h"
#include "stages/quantize/calibration.h"

namespace switchyard {

struct CalibrationRequest {
  std::string source = "random";  // of the calibration decision: image-folder, text-lines,
                                  // audio-files or random
  int samples = 0;                // at most so many; 0: all that the source has, or the fallback's
  int fallback_samples = 16;      // of random data (the calibration_fallback decision)
  std::optional<std::filesystem::path> data;  // what the user gave as --calibration
};

struct CalibrationChoice {
  std::unique_ptr<CalibrationSource> source;
  std::string requested;  // image-folder, text-lines, audio-files, random
  std::string used;       // image-folder or random
  std::string reason;     // one sentence
  std::size_t samples = 0;
  std::vector<std::string> warnings;

  // {requested, used, reason, samples} for the manifest.
  Value record() const;
};

// `inputs` and `plan` describe the graph: its declared inputs, and what random data for them would
// be. `preprocessing` is what the checkpoint says of images, if anything.
//
// Data of the wrong kind, or of another name, rank or unconvertible type than the graph's inputs,
// is no error: random data takes its place, a warning and the record say why. Inputs beside the
// image are drawn at random. Throws Error(kModel): the user's data path is missing, empty or holds
// no data that is known, or a folder of images of which none can be read; Error(kUsage):
// `request.source` is unknown.
CalibrationChoice make_calibration(const CalibrationRequest& request,
                                   const std::vector<IoInfo>& inputs,
                                   const std::vector<InputPlan>& plan,
                                   const std::optional<ImagePreprocessing>& preprocessing);

// The same with inputs and plan read off `graph`. Throws also when that can't be loaded.
CalibrationChoice make_calibration(const CalibrationRequest& request,
                                   const std::filesystem::path& graph,
                                   const std::optional<ImagePreprocessing>& preprocessing);

// What random images should look like for a graph of symbolic height and width.
InputHints image_hints(const std::optional<ImagePreprocessing>& preprocessing);

// For two graphs of one model: what one leaves open and the other fixes has the size that both take.
CalibrationChoice make_shared_calibration(const CalibrationRequest& request,
                                          const std::filesystem::path& graph,
                                          const std::filesystem::path& other,
                                          const std::optional<ImagePreprocessing>& preprocessing);

}  // namespace switchyard
