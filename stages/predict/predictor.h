// Images in, labels and probabilities out: a classifier's model.onnx of any stage, run.
//
//   Predictor predictor = Predictor::open(*rules, "out");          // a build's directory
//   for (const ImagePrediction& p : predictor.predict({"a.png", "b.png"})) use(p);
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "stages/checkpoint/checkpoint.h"

namespace switchyard {

struct Prediction {
  std::string label;
  double score = 0.0;     // probability: 0 to 1
  std::size_t index = 0;  // of the class; labels may repeat, this does not
};

struct ImagePrediction {
  std::string input;                    // as the caller named the file
  std::vector<Prediction> predictions;  // best first; equal scores by class index
};

struct PredictOptions {
  std::size_t top_k = 5;   // at least 1; clamped to the number of classes
  std::size_t batch = 16;  // images a run; a graph with a fixed batch size overrides it
  int threads = 0;         // of ONNX Runtime; 0: its own choice
};

// Owns the session. predict() may be called from several threads.
class Predictor {
 public:
  // `model`: a .onnx file with the model's config.json (and preprocessor_config.json) beside it,
  // or a directory that holds model.onnx and them, as build and export write it.
  // Throws Error(kModel): nothing there, or the model is no image classifier, or the checkpoint
  // does not say how images are prepared.
  static Predictor open(const RuleBook& rules, const std::filesystem::path& model,
                        const PredictOptions& options = {});

  // A graph with its checkpoint elsewhere. Throws as open() does.
  Predictor(const RuleBook& rules, const std::filesystem::path& onnx_file,
            const ModelSource& checkpoint, const PredictOptions& options = {});
  Predictor(Predictor&&) noexcept;
  ~Predictor();

  // In the order of `images`. Throws Error(kModel) naming the first image that can't be read, or
  // whose prepared size the graph does not take.
  std::vector<ImagePrediction> predict(const std::vector<std::filesystem::path>& images) const;

  // One per class, in order of the index.
  const std::vector<std::string>& labels() const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

// [{"input": ..., "predictions": [{"label": ..., "score": ...}]}], indented, with a newline.
std::string predictions_as_json(const std::vector<ImagePrediction>& predictions);

// One block an image: its name, then rank, probability and label in columns.
std::string predictions_as_table(const std::vector<ImagePrediction>& predictions);

}  // namespace switchyard
