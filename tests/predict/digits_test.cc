// The digits checkpoints from config and safetensors to predictions, float and int8, beside what
// PyTorch recorded of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "engine/json.h"
#include "stages/calibrate/make_calibration.h"
#include "stages/calibrate/preprocess.h"
#include "stages/export/export.h"
#include "stages/predict/accuracy.h"
#include "stages/quantize/quantize.h"
#include "stages/resolve/resolve.h"
#include "stages/runtime/session.h"
#include "tests/calibrate/temporary_folder.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;

const RuleBook& rules() {
  static const auto book = RuleBook::load({.base = fs::path(SWITCHYARD_SOURCE_DIR) / "rules"});
  return *book;
}

Value read_json(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return parse_json(std::string(std::istreambuf_iterator<char>(in), {}), file.string());
}

// A checkpoint, exported into a folder of its own.
struct Exported {
  explicit Exported(const fs::path& directory) : checkpoint(find_model(directory.string())) {
    ResolveRequest request;
    request.config = checkpoint.config;
    request.config_file = checkpoint.config_file.string();
    const Resolution resolution = resolve(rules(), request);
    EXPECT_EQ(resolution.task, "image-classification");
    export_model(rules(), checkpoint, resolution, graph, {.weights = WeightMode::kEmbed});
    preprocessing = image_preprocessing(rules(), checkpoint);
  }

  TemporaryFolder folder;
  fs::path graph = folder.path() / "model.onnx";
  ModelSource checkpoint;
  std::optional<ImagePreprocessing> preprocessing;
};

// To 1e-3 of the largest logit, as the reference cards ask; float32 graphs come much closer.
void expect_recorded_logits(const Exported& model, const Value& reference, const fs::path& images) {
  const Session session(model.graph);
  std::size_t compared = 0;
  for (const Value& sample : reference.find("samples")->as_list()) {
    const fs::path file = images / sample.find("file")->as_string();
    const Tensor input = preprocess_image(*model.preprocessing, read_image(file), file.string());
    const NamedTensors outputs = session.run({{"pixel_values", stack(std::span(&input, 1))}});
    const Tensor& logits = outputs.at("logits");
    const List& recorded = sample.find("logits")->as_list();
    ASSERT_EQ(logits.count(), recorded.size());
    double largest = 0.0;
    for (const Value& value : recorded) largest = std::max(largest, std::fabs(value.as_double()));
    for (std::size_t i = 0; i < recorded.size(); ++i)
      EXPECT_NEAR(logits.as<float>()[i], recorded[i].as_double(), 1e-3 * largest)
          << file << ", class " << i;
    ++compared;
  }
  EXPECT_EQ(compared, 8u);
}

double int8_top1(const Exported& model, const fs::path& calibration, const fs::path& test) {
  CalibrationRequest request;
  request.source = "image-folder";
  request.samples = 100;
  request.data = calibration;
  const CalibrationChoice choice = make_calibration(request, model.graph, model.preprocessing);
  EXPECT_EQ(choice.used, "image-folder") << choice.reason;
  const fs::path quantized = model.folder.path() / "quantized.onnx";
  const QuantizeReport report = quantize_model(model.graph, quantized, *choice.source);
  EXPECT_EQ(report.samples, choice.samples);
  const Predictor predictor(rules(), quantized, model.checkpoint);
  return evaluate_images(predictor, test).top1();
}

TEST(DigitsExample, FloatAndInt8ReadEveryBundledImage) {
  const fs::path example = fs::path(SWITCHYARD_SOURCE_DIR) / "examples/digits-resnet";
  const Exported model(example);
  expect_recorded_logits(model, read_json(example / "reference.json"), example);
  const Predictor predictor(rules(), model.graph, model.checkpoint);
  const Accuracy accuracy = evaluate_images(predictor, example / "data/test");
  EXPECT_EQ(accuracy.images, 20u);
  EXPECT_EQ(accuracy.correct, 20u);
  EXPECT_EQ(int8_top1(model, example / "data/calibration", example / "data/test"), 1.0);
}

class SharedDigits : public ::testing::TestWithParam<const char*> {};

// Accuracy on 300 images: float equal to PyTorch's, int8 within one percentage point of it.
TEST_P(SharedDigits, FloatEqualsPyTorchAndInt8StaysWithinOnePoint) {
  const fs::path directory = fs::path(SWITCHYARD_SOURCE_DIR) / "../shared/checkpoints" / GetParam();
  if (!fs::exists(directory)) GTEST_SKIP() << directory << " is not here";
  const Exported model(directory);
  const Value reference = read_json(directory / "reference.json");
  expect_recorded_logits(model, reference, directory);

  const Predictor predictor(rules(), model.graph, model.checkpoint);
  const Accuracy accuracy = evaluate_images(predictor, directory / "data/test");
  EXPECT_EQ(accuracy.images, 300u);
  const double recorded = reference.find_path("test.top1")->as_double();
  EXPECT_NEAR(accuracy.top1(), recorded, 1e-6);
  // The same images are taken for the same wrong digits.
  for (const Value& wrong : reference.find_path("test.wrong")->as_list()) {
    const auto result = predictor.predict({directory / wrong.find("file")->as_string()});
    EXPECT_EQ(result.front().predictions.front().index,
              static_cast<std::size_t>(wrong.find("predicted")->as_int()))
        << result.front().input;
  }
  EXPECT_GE(int8_top1(model, directory / "data/train-calib", directory / "data/test"),
            recorded - 0.01);
}

INSTANTIATE_TEST_SUITE_P(Checkpoints, SharedDigits,
                         ::testing::Values("digits-resnet", "digits-resnet-timm-wrapper",
                                           "digits-vit", "digits-mobilenet", "digits-vit-hf"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace switchyard
