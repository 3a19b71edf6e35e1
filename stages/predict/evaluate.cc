#include "stages/predict/evaluate.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "engine/text.h"
#include "stages/calibrate/image_folder.h"
#include "stages/predict/accuracy.h"
#include "stages/predict/features.h"
#include "stages/predict/neighbours.h"

namespace switchyard {
namespace {

// Reads the outputs of the evaluator's rule, with errors at its place.
class Parameters {
 public:
  explicit Parameters(const EvaluatorChoice& choice) : choice_(choice) {}

  std::string text(std::string_view name) const {
    const Value* value = required(name);
    if (!value->is_string()) fail(name, "must be a text");
    return value->as_string();
  }

  double number(std::string_view name, double least) const {
    const Value* value = required(name);
    const double number = value->is_int()     ? static_cast<double>(value->as_int())
                          : value->is_float() ? value->as_double()
                                              : least - 1.0;
    if (!(number >= least)) fail(name, "must be a number, at least " + Value(least).to_json());
    return number;
  }

  std::size_t count(std::string_view name) const {
    return static_cast<std::size_t>(number(name, 1));
  }

  std::vector<std::string> texts(std::string_view name) const {
    const Value* value = required(name);
    if (!value->is_list()) fail(name, "must be a list of names");
    std::vector<std::string> items;
    for (const Value& item : value->as_list()) {
      if (!item.is_string()) fail(name, "must be a list of names");
      items.push_back(item.as_string());
    }
    return items;
  }

  [[noreturn]] void fail(std::string_view name, const std::string& what) const {
    throw Error(ErrorKind::kUsage, choice_.place,
                "the evaluator's `" + std::string(name) + "` " + what, "Correct it in the rule");
  }

 private:
  const Value* required(std::string_view name) const {
    const Value* value = choice_.outputs.find(name);
    if (value == nullptr || value->is_null()) fail(name, "is missing");
    return value;
  }

  const EvaluatorChoice& choice_;
};

struct Subject {
  const RuleBook& rules;
  const std::filesystem::path& onnx_file;
  const ModelSource& checkpoint;
  const std::filesystem::path& data;
  int threads;
};

void evaluate_top1(const Subject& subject, const Parameters&, Evaluation& result) {
  const Predictor predictor(subject.rules, subject.onnx_file, subject.checkpoint,
                            {.top_k = 1, .threads = subject.threads});
  const Accuracy accuracy = evaluate_images(predictor, subject.data);
  result.images = accuracy.images;
  result.correct = accuracy.correct;
}

FeatureOptions::Pooling pooling_of(const Parameters& parameters) {
  const std::string name = parameters.text("pooling");
  if (name == "mean") return FeatureOptions::Pooling::kMean;
  if (name != "first-token") parameters.fail("pooling", "must be mean or first-token");
  return FeatureOptions::Pooling::kFirstToken;
}

// The labelled images below the folder. Throws when neighbours can tell nothing of them.
void read_folder(const std::filesystem::path& folder, std::vector<std::filesystem::path>& files,
                 std::vector<std::string>& labels) {
  for (ImageFile& image : list_images(folder)) {
    if (image.label.empty()) continue;
    files.push_back(std::move(image.file));
    labels.push_back(std::move(image.label));
  }
  if (files.empty()) {
    throw Error(ErrorKind::kModel, Place{folder.string()},
                "no images in class folders were found here",
                "Give a directory with one sub-directory of PNG or JPEG images for each label");
  }
  if (std::ranges::count(labels, labels.front()) == static_cast<std::ptrdiff_t>(labels.size())) {
    throw Error(
        ErrorKind::kModel, Place{folder.string()},
        "all images have the label '" + labels.front() + "', so that neighbours tell nothing",
        "Give at least two classes");
  }
}

void evaluate_knn(const Subject& subject, const Parameters& parameters, Evaluation& result) {
  const FeatureOptions options{.outputs = parameters.texts("features"),
                               .pooling = pooling_of(parameters)};
  NeighbourOptions voting{.neighbours = parameters.count("neighbours"),
                          .temperature = parameters.number("temperature", 1e-6)};
  const std::size_t few = static_cast<std::size_t>(parameters.number("few_images", 0));
  std::vector<std::filesystem::path> files;
  std::vector<std::string> labels;
  read_folder(subject.data, files, labels);
  if (files.size() < few) voting.neighbours = 1;
  voting.neighbours = std::min(voting.neighbours, files.size() - 1);

  const ImageGraph graph(subject.rules, subject.onnx_file, subject.checkpoint,
                         {.threads = subject.threads});
  const std::vector<bool> agree =
      neighbours_agree(image_features(graph, files, options), labels, voting);
  result.images = agree.size();
  result.correct = static_cast<std::size_t>(std::ranges::count(agree, true));
  result.label += " (k = " + std::to_string(voting.neighbours) + ")";
  result.parameters.set("neighbours", static_cast<std::int64_t>(voting.neighbours));
}

struct Evaluator {
  const char* name;
  void (*run)(const Subject&, const Parameters&, Evaluation&);
};

constexpr Evaluator kEvaluators[] = {{"top1", evaluate_top1}, {"knn", evaluate_knn}};

}  // namespace

Evaluation evaluate(const RuleBook& rules, const std::filesystem::path& onnx_file,
                    const ModelSource& checkpoint, const EvaluatorChoice& choice,
                    const std::filesystem::path& data, int threads) {
  const Parameters parameters(choice);
  const std::string name = parameters.text("evaluator");
  const auto evaluator =
      std::ranges::find_if(kEvaluators, [&](const Evaluator& known) { return name == known.name; });
  if (evaluator == std::end(kEvaluators)) {
    std::vector<std::string> known;
    for (const Evaluator& each : kEvaluators) known.emplace_back(each.name);
    throw Error(ErrorKind::kUsage, choice.place, "there is no evaluator '" + name + "'",
                "It is " + join_names(known, " or "));
  }
  Evaluation result;
  result.metric = parameters.text("metric");
  result.label = parameters.text("label");
  evaluator->run({rules, onnx_file, checkpoint, data, threads}, parameters, result);
  return result;
}

}  // namespace switchyard
