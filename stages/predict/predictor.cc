#include "stages/predict/predictor.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "engine/error.h"
#include "stages/calibrate/preprocess.h"
#include "stages/checkpoint/labels.h"
#include "stages/predict/image_graph.h"
#include "stages/predict/scores.h"

namespace switchyard {
namespace {

constexpr char kSupported[] =
    "So far `run` takes image classifiers: one image input, one output of class logits";

const IoInfo& class_output(const ImageGraph& graph) {
  const std::vector<IoInfo>& outputs = graph.outputs();
  const auto by_name = std::find_if(outputs.begin(), outputs.end(),
                                    [](const IoInfo& info) { return info.name == "logits"; });
  const IoInfo* found = by_name != outputs.end() ? &*by_name
                        : outputs.size() == 1    ? &outputs.front()
                                                 : nullptr;
  if (found == nullptr || found->shape.size() != 2 || !is_convertible(found->dtype, "float32"))
    throw Error(ErrorKind::kModel, Place{graph.file().string()},
                "this model does not classify: its outputs are " + describe(outputs), kSupported);
  return *found;
}

Activation activation_of(const Value& config, std::size_t classes) {
  const Value* problem = config.find("problem_type");
  const bool several = problem != nullptr && problem->is_string() &&
                       problem->as_string() == "multi_label_classification";
  return several || classes == 1 ? Activation::kSigmoid : Activation::kSoftmax;
}

}  // namespace

struct Predictor::Impl {
  std::size_t top_k;
  ImageGraph graph;
  IoInfo output;
  Value config;
  std::vector<std::string> labels;

  Impl(const RuleBook& rules, const std::filesystem::path& onnx_file, const ModelSource& checkpoint,
       const PredictOptions& options)
      : top_k(options.top_k),
        graph(rules, onnx_file, checkpoint, {.batch = options.batch, .threads = options.threads}),
        output(class_output(graph)),
        config(checkpoint.config) {
    const std::int64_t classes = output.shape[1];
    labels = class_labels(rules, config, classes > 0 ? static_cast<std::size_t>(classes) : 0);
  }

  std::vector<Prediction> rank(std::span<const float> logits, const std::string& image) const {
    if (!std::all_of(logits.begin(), logits.end(), [](float x) { return std::isfinite(x); }))
      throw Error(
          ErrorKind::kModel, Place{image},
          graph.file().string() + " gave a logit that is infinite or not a number for this image",
          "Compare the stages of the build with `switchyard verify`");
    std::vector<Prediction> predictions;
    for (const auto& [index, score] :
         rank_classes(logits, activation_of(config, logits.size()), top_k))
      predictions.push_back(
          {index < labels.size() ? labels[index] : "LABEL_" + std::to_string(index), score, index});
    return predictions;
  }
};

Predictor Predictor::open(const RuleBook& rules, const std::filesystem::path& model,
                          const PredictOptions& options) {
  std::error_code ignored;
  std::filesystem::path file = model;
  if (std::filesystem::is_directory(model, ignored)) {
    file = model / "model.onnx";
    if (!std::filesystem::exists(file, ignored))
      throw Error(ErrorKind::kModel, Place{model.string()},
                  "there is no model.onnx in this directory",
                  "Build one first: switchyard build -m " + model.string() + " -o OUT");
  } else if (!std::filesystem::exists(model, ignored)) {
    throw Error(ErrorKind::kModel, Place{model.string()}, "there is no such model",
                "Give a .onnx file or the directory that `switchyard build` wrote");
  }
  const std::filesystem::path directory = file.has_parent_path() ? file.parent_path() : ".";
  return Predictor(rules, file, find_model(directory.string()), options);
}

Predictor::Predictor(const RuleBook& rules, const std::filesystem::path& onnx_file,
                     const ModelSource& checkpoint, const PredictOptions& options)
    : impl_(std::make_unique<const Impl>(rules, onnx_file, checkpoint, options)) {}

Predictor::Predictor(Predictor&&) noexcept = default;
Predictor::~Predictor() = default;

const std::vector<std::string>& Predictor::labels() const { return impl_->labels; }

std::vector<ImagePrediction> Predictor::predict(
    const std::vector<std::filesystem::path>& images) const {
  std::vector<ImagePrediction> results;
  results.reserve(images.size());
  impl_->graph.run(images, impl_->output.name,
                   [&](std::size_t image, std::span<const float> logits, auto shape) {
                     const std::string name = images[image].string();
                     if (shape.size() != 1)
                       throw Error(
                           ErrorKind::kModel, Place{impl_->graph.file().string()},
                           "output " + impl_->output.name + " has not one row of logits an image",
                           kSupported);
                     results.push_back({name, impl_->rank(logits, name)});
                   });
  return results;
}

}  // namespace switchyard
