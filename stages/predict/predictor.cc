#include "stages/predict/predictor.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

#include "engine/error.h"
#include "stages/calibrate/image.h"
#include "stages/calibrate/preprocess.h"
#include "stages/checkpoint/labels.h"
#include "stages/checkpoint/preprocessing.h"
#include "stages/predict/scores.h"
#include "stages/runtime/session.h"

namespace switchyard {
namespace {

constexpr char kSupported[] =
    "So far `run` takes image classifiers: one image input, one output of class logits";

std::string describe(const IoInfo& info) {
  std::string text = info.name + " (" + info.dtype + ", rank " + std::to_string(info.shape.size());
  return text + ")";
}

std::string describe(const std::vector<IoInfo>& infos) {
  std::string text;
  for (const IoInfo& info : infos) text += (text.empty() ? "" : ", ") + describe(info);
  return text.empty() ? "nothing" : text;
}

bool takes_images(const IoInfo& input) {
  return input.shape.size() == 4 && is_convertible("float32", input.dtype);
}

const IoInfo& image_input(const Session& session, const std::filesystem::path& file) {
  const std::vector<IoInfo>& inputs = session.inputs();
  if (inputs.size() != 1 || !takes_images(inputs.front()))
    throw Error(ErrorKind::kModel, Place{file.string()},
                "this model does not take images alone: its inputs are " + describe(inputs),
                kSupported);
  return inputs.front();
}

const IoInfo& class_output(const Session& session, const std::filesystem::path& file) {
  const std::vector<IoInfo>& outputs = session.outputs();
  const auto by_name = std::find_if(outputs.begin(), outputs.end(),
                                    [](const IoInfo& info) { return info.name == "logits"; });
  const IoInfo* found = by_name != outputs.end() ? &*by_name
                        : outputs.size() == 1    ? &outputs.front()
                                                 : nullptr;
  if (found == nullptr || found->shape.size() != 2 || !is_convertible(found->dtype, "float32"))
    throw Error(ErrorKind::kModel, Place{file.string()},
                "this model does not classify: its outputs are " + describe(outputs), kSupported);
  return *found;
}

ImagePreprocessing required_preprocessing(const RuleBook& rules, const ModelSource& checkpoint) {
  std::optional<ImagePreprocessing> preprocessing = image_preprocessing(rules, checkpoint);
  if (!preprocessing)
    throw Error(ErrorKind::kModel, Place{checkpoint.directory.string()},
                "the model's folder does not say how its images are prepared",
                "Put the model's preprocessor_config.json there (timm models have pretrained_cfg "
                "in config.json)");
  return *std::move(preprocessing);
}

Activation activation_of(const Value& config, std::size_t classes) {
  const Value* problem = config.find("problem_type");
  const bool several = problem != nullptr && problem->is_string() &&
                       problem->as_string() == "multi_label_classification";
  return several || classes == 1 ? Activation::kSigmoid : Activation::kSoftmax;
}

}  // namespace

struct Predictor::Impl {
  PredictOptions options;
  std::filesystem::path file;
  Session session;
  IoInfo input;
  IoInfo output;
  ImagePreprocessing preprocessing;
  Value config;
  std::vector<std::string> labels;

  Impl(const RuleBook& rules, const std::filesystem::path& onnx_file, const ModelSource& checkpoint,
       const PredictOptions& given)
      : options(given),
        file(onnx_file),
        session(onnx_file, {.threads = given.threads}),
        input(image_input(session, onnx_file)),
        output(class_output(session, onnx_file)),
        preprocessing(required_preprocessing(rules, checkpoint)),
        config(checkpoint.config) {
    const std::int64_t classes = output.shape[1];
    labels = class_labels(rules, config, classes > 0 ? static_cast<std::size_t>(classes) : 0);
  }

  // Images a run: the graph's own batch size where that is fixed.
  std::size_t batch() const {
    if (input.shape[0] > 0) return static_cast<std::size_t>(input.shape[0]);
    return std::max<std::size_t>(options.batch, 1);
  }

  Tensor prepare(const std::filesystem::path& image) const {
    const std::string name = image.string();
    Tensor tensor = preprocess_image(preprocessing, read_image(image), name);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const std::int64_t wanted = input.shape[axis + 1];
      if (wanted > 0 && wanted != tensor.shape[axis])
        throw Error(ErrorKind::kModel, Place{name},
                    "prepared as " + preprocessing.source + " says, the image has " +
                        std::to_string(tensor.shape[axis]) + " along axis " +
                        std::to_string(axis + 1) + " where the graph's input " + input.name +
                        " takes " + std::to_string(wanted),
                    "Use the preprocessing configuration that belongs to " + file.string());
    }
    return convert_tensor(std::move(tensor), input.dtype);
  }

  // The logits of images of one shape, as many rows as `images`.
  Tensor run(std::vector<Tensor> images) const {
    const std::size_t wanted = images.size();
    // A graph of a fixed batch gets it full; the rows of the repeated picture are ignored.
    if (input.shape[0] > 0) images.resize(batch(), images.back());
    NamedTensors outputs = session.run({{input.name, stack(images)}}, {output.name});
    Tensor logits = convert_tensor(std::move(outputs.at(output.name)), "float32");
    if (logits.shape.size() != 2 || logits.shape[0] < static_cast<std::int64_t>(wanted) ||
        logits.shape[1] < 1)
      throw Error(ErrorKind::kModel, Place{file.string()},
                  "output " + output.name + " has not one row of logits an image", kSupported);
    return logits;
  }

  std::vector<Prediction> rank(std::span<const float> logits, const std::string& image) const {
    if (!std::all_of(logits.begin(), logits.end(), [](float x) { return std::isfinite(x); }))
      throw Error(ErrorKind::kModel, Place{image},
                  file.string() + " gave a logit that is infinite or not a number for this image",
                  "Compare the stages of the build with `switchyard verify`");
    std::vector<Prediction> predictions;
    for (const auto& [index, score] :
         rank_classes(logits, activation_of(config, logits.size()), options.top_k))
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
  std::vector<Tensor> waiting;  // of one shape; the images after results.size()
  const auto flush = [&] {
    if (waiting.empty()) return;
    const std::size_t count = waiting.size();
    const Tensor logits = impl_->run(std::move(waiting));
    waiting.clear();
    const std::size_t classes = static_cast<std::size_t>(logits.shape[1]);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name = images[results.size()].string();
      results.push_back({name, impl_->rank({logits.as<float>() + i * classes, classes}, name)});
    }
  };
  for (const std::filesystem::path& image : images) {
    Tensor tensor = impl_->prepare(image);
    if (!waiting.empty() && waiting.front().shape != tensor.shape) flush();
    waiting.push_back(std::move(tensor));
    if (waiting.size() == impl_->batch()) flush();
  }
  flush();
  return results;
}

}  // namespace switchyard
