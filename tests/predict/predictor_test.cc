#include "stages/predict/predictor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/error.h"
#include "engine/json.h"
#include "tests/predict/colour_model.h"

namespace switchyard {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using testing::TemporaryFolder;
using testing::write_colour;
using testing::write_model;

std::shared_ptr<const RuleBook> no_rules() { return RuleBook::from_texts({}); }

std::vector<std::string> labels_of(const ImagePrediction& image) {
  std::vector<std::string> labels;
  for (const Prediction& prediction : image.predictions) labels.push_back(prediction.label);
  return labels;
}

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kModel);
    return error.what();
  }
  return "no error";
}

TEST(Predictor, RanksLabelsOfEachImageInOrder) {
  TemporaryFolder folder;
  write_model(folder);
  const Predictor predictor = Predictor::open(*no_rules(), folder.path());
  EXPECT_THAT(predictor.labels(), ElementsAre("red", "green", "blue"));
  const auto blue = write_colour(folder, "blue.png", 0, 51, 255);
  const auto green = write_colour(folder, "green.png", 51, 255, 0);
  const auto results = predictor.predict({blue, green, blue});
  ASSERT_THAT(results, SizeIs(3));
  EXPECT_EQ(results[0].input, blue.string());
  EXPECT_EQ(results[1].input, green.string());
  EXPECT_THAT(labels_of(results[0]), ElementsAre("blue", "green", "red"));
  EXPECT_THAT(labels_of(results[1]), ElementsAre("green", "red", "blue"));
  EXPECT_THAT(labels_of(results[2]), ElementsAre("blue", "green", "red"));
  // Logits 10, 2, 0.
  const double sum = std::exp(10.0) + std::exp(2.0) + 1.0;
  EXPECT_NEAR(results[0].predictions[0].score, std::exp(10.0) / sum, 1e-6);
  EXPECT_NEAR(results[0].predictions[1].score, std::exp(2.0) / sum, 1e-6);
  EXPECT_EQ(results[0].predictions[0].index, 2u);
}

TEST(Predictor, AnyStagesGraphBesideTheConfig) {
  TemporaryFolder folder;
  write_model(folder);
  std::filesystem::rename(folder.path() / "model.onnx", folder.path() / "optimized.onnx");
  const auto red = write_colour(folder, "red.png", 255, 0, 0);
  PredictOptions options;
  options.top_k = 1;
  const Predictor predictor =
      Predictor::open(*no_rules(), folder.path() / "optimized.onnx", options);
  EXPECT_THAT(labels_of(predictor.predict({red}).front()), ElementsAre("red"));
}

TEST(Predictor, BatchesGiveTheSameAsOneByOne) {
  TemporaryFolder folder;
  write_model(folder);
  std::vector<std::filesystem::path> images;
  for (int i = 0; i < 7; ++i)
    images.push_back(write_colour(folder, std::to_string(i) + ".png",
                                  static_cast<std::uint8_t>(i * 30), 100, 90));
  PredictOptions options;
  options.batch = 1;
  const auto single = Predictor::open(*no_rules(), folder.path(), options).predict(images);
  options.batch = 3;
  const auto batched = Predictor::open(*no_rules(), folder.path(), options).predict(images);
  EXPECT_EQ(predictions_as_json(single), predictions_as_json(batched));
}

TEST(Predictor, AFixedBatchIsFilledUp) {
  TemporaryFolder folder;
  std::string graph = testing::kColourGraph;
  for (std::size_t at; (at = graph.find("batch_size")) != graph.npos;) graph.replace(at, 10, "2");
  write_model(folder, graph.c_str());
  const auto red = write_colour(folder, "red.png", 255, 0, 0);
  const auto blue = write_colour(folder, "blue.png", 0, 0, 255);
  const auto results = Predictor::open(*no_rules(), folder.path()).predict({red, red, blue});
  ASSERT_THAT(results, SizeIs(3));
  EXPECT_EQ(results[1].predictions.front().label, "red");
  EXPECT_EQ(results[2].predictions.front().label, "blue");
}

TEST(Predictor, SeveralLabelsAtOnceAreScoredOneByOne) {
  TemporaryFolder folder;
  std::string config = testing::kColourConfig;
  config.insert(1, "\"problem_type\": \"multi_label_classification\",");
  write_model(folder, testing::kColourGraph, config.c_str());
  const auto yellow = write_colour(folder, "yellow.png", 255, 255, 0);
  const auto result = Predictor::open(*no_rules(), folder.path()).predict({yellow}).front();
  EXPECT_NEAR(result.predictions[0].score, 1 / (1 + std::exp(-10.0)), 1e-6);
  EXPECT_NEAR(result.predictions[1].score, 1 / (1 + std::exp(-10.0)), 1e-6);
  EXPECT_NEAR(result.predictions[2].score, 0.5, 1e-6);
}

TEST(Predictor, AnImageThatCantBeReadIsNamed) {
  TemporaryFolder folder;
  write_model(folder);
  const Predictor predictor = Predictor::open(*no_rules(), folder.path());
  const auto red = write_colour(folder, "red.png", 255, 0, 0);
  const auto bad = folder.write("bad.png", "no picture");
  EXPECT_THAT(error_of([&] {
                predictor.predict({red, bad});
              }),
              AllOf(HasSubstr("bad.png"), HasSubstr("not an image")));
  EXPECT_THAT(error_of([&] { predictor.predict({folder.path()}); }), HasSubstr("directory"));
}

TEST(Predictor, ModelsThatAreNoImageClassifiersSaySo) {
  TemporaryFolder folder;
  write_model(folder, R"(<ir_version: 8, opset_import: ["" : 17]>
    text (int64[n, s] input_ids) => (float[n, s] logits) { logits = Cast<to = 1>(input_ids) })");
  EXPECT_THAT(error_of([&] { Predictor::open(*no_rules(), folder.path()); }),
              AllOf(HasSubstr("input_ids"), HasSubstr("image classifiers")));
  write_model(folder, R"(<ir_version: 8, opset_import: ["" : 17]>
    features (float[n, 3, 4, 4] pixel_values) => (float[n, 3, 4, 4] last_hidden_state) {
      last_hidden_state = Relu(pixel_values)
    })");
  EXPECT_THAT(error_of([&] { Predictor::open(*no_rules(), folder.path()); }),
              AllOf(HasSubstr("last_hidden_state"), HasSubstr("does not classify")));
}

TEST(Predictor, WhatIsMissingIsNamedWithTheMend) {
  TemporaryFolder folder;
  EXPECT_THAT(error_of([&] { Predictor::open(*no_rules(), folder.path() / "none"); }),
              HasSubstr("no such model"));
  folder.write("config.json", testing::kColourConfig);
  EXPECT_THAT(error_of([&] { Predictor::open(*no_rules(), folder.path()); }),
              AllOf(HasSubstr("no model.onnx"), HasSubstr("switchyard build")));
  write_model(folder, testing::kColourGraph, R"({"architecture": "colours"})");
  EXPECT_THAT(error_of([&] { Predictor::open(*no_rules(), folder.path()); }),
              HasSubstr("preprocessor_config.json"));
}

TEST(Predictor, APreparedSizeTheGraphDoesNotTake) {
  TemporaryFolder folder;
  std::string config = testing::kColourConfig;
  config.replace(config.find("[3, 4, 4]"), 9, "[3, 5, 4]");
  write_model(folder, testing::kColourGraph, config.c_str());
  const auto red = write_colour(folder, "red.png", 255, 0, 0);
  const Predictor predictor = Predictor::open(*no_rules(), folder.path());
  EXPECT_THAT(error_of([&] { predictor.predict({red}); }),
              AllOf(HasSubstr("red.png"), HasSubstr("pixel_values takes 4")));
}

TEST(Predictor, LogitsThatAreNoNumbersAreAnError) {
  TemporaryFolder folder;
  write_model(folder, R"(<ir_version: 8, opset_import: ["" : 17]>
    logs (float[n, 3, 4, 4] pixel_values) => (float[n, 3] logits) {
      pooled = GlobalAveragePool(pixel_values)
      flat = Flatten(pooled)
      logits = Log(flat)
    })");
  const auto red = write_colour(folder, "red.png", 255, 0, 0);
  const Predictor predictor = Predictor::open(*no_rules(), folder.path());
  EXPECT_THAT(error_of([&] { predictor.predict({red}); }),
              AllOf(HasSubstr("red.png"), HasSubstr("not a number")));
}

std::vector<ImagePrediction> two_images() {
  return {{"a \"b\".png", {{"tench, Tinca tinca", 0.75, 0}, {"crane", 0.25, 134}}},
          {"c.png", {{"crane", 1.0, 517}}}};
}

TEST(Format, JsonIsAListInInputOrder) {
  const Value json = parse_json(predictions_as_json(two_images()), "output");
  ASSERT_TRUE(json.is_list());
  const Value expected =
      List{Map{{"input", "a \"b\".png"},
               {"predictions", List{Map{{"label", "tench, Tinca tinca"}, {"score", 0.75}},
                                    Map{{"label", "crane"}, {"score", 0.25}}}}},
           Map{{"input", "c.png"}, {"predictions", List{Map{{"label", "crane"}, {"score", 1.0}}}}}};
  EXPECT_EQ(json, expected) << json.to_json();
  EXPECT_EQ(predictions_as_json(two_images()).back(), '\n');
  EXPECT_EQ(parse_json(predictions_as_json({}), "output"), Value(List{}));
}

TEST(Format, TableHasABlockForEachImage) {
  EXPECT_EQ(predictions_as_table(two_images()),
            "a \"b\".png\n"
            "   1    0.7500  tench, Tinca tinca\n"
            "   2    0.2500  crane\n"
            "\n"
            "c.png\n"
            "   1    1.0000  crane\n");
}

}  // namespace
}  // namespace switchyard
