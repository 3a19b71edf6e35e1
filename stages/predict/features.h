// One feature vector an image, from a model that gives features instead of classes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "stages/predict/image_graph.h"

namespace switchyard {

struct FeatureOptions {
  // Outputs that may hold the features, best first; none of them there: the graph's only output.
  std::vector<std::string> outputs;
  // Of an output with several vectors an image: tokens (tokens, width) or a map (channels, height,
  // width).
  enum class Pooling { kMean, kFirstToken } pooling = Pooling::kMean;
};

// In the order of `images`, all of one length. A map has no first token: its mean is taken.
// Throws Error(kModel) as ImageGraph::run does, and for a graph without such an output, or a
// feature that is infinite or not a number.
std::vector<std::vector<float>> image_features(const ImageGraph& graph,
                                               const std::vector<std::filesystem::path>& images,
                                               const FeatureOptions& options);

}  // namespace switchyard
