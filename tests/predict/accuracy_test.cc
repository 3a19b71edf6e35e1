#include "stages/predict/accuracy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/error.h"
#include "tests/predict/colour_model.h"

namespace switchyard {
namespace {

using ::testing::HasSubstr;
using testing::TemporaryFolder;
using testing::write_colour;
using testing::write_model;

Predictor predictor_of(const TemporaryFolder& model) {
  PredictOptions options;
  options.top_k = 1;
  options.batch = 2;
  return Predictor::open(*RuleBook::from_texts({}), model.path(), options);
}

std::string error_of(const Predictor& predictor, const std::filesystem::path& folder) {
  try {
    evaluate_images(predictor, folder);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Accuracy, CountsImagesOfClassFolders) {
  TemporaryFolder model;
  write_model(model);
  TemporaryFolder data;
  write_colour(data, "red/1.png", 255, 0, 0);
  write_colour(data, "red/2.png", 0, 255, 0);  // looks green
  write_colour(data, "Green/1.png", 0, 255, 0);
  write_colour(data, "2/1.png", 0, 0, 255);  // by index
  const Accuracy accuracy = evaluate_images(predictor_of(model), data.path());
  EXPECT_EQ(accuracy.images, 4u);
  EXPECT_EQ(accuracy.correct, 3u);
  EXPECT_DOUBLE_EQ(accuracy.top1(), 0.75);
}

TEST(Accuracy, LabelsMayRepeatAndHaveSeveralNames) {
  std::string config = testing::kColourConfig;
  config.replace(config.find("\"red\", \"green\", \"blue\""), 22,
                 "\"crane\", \"tench, Tinca tinca\", \"crane\"");
  TemporaryFolder model;
  write_model(model, testing::kColourGraph, config.c_str());
  TemporaryFolder data;
  write_colour(data, "crane/1.png", 255, 0, 0);
  write_colour(data, "crane/2.png", 0, 0, 255);
  write_colour(data, "tinca_tinca/1.png", 0, 255, 0);
  write_colour(data, "tench, Tinca tinca/1.png", 255, 0, 0);
  const Accuracy accuracy = evaluate_images(predictor_of(model), data.path());
  EXPECT_EQ(accuracy.images, 4u);
  EXPECT_EQ(accuracy.correct, 3u);
}

TEST(Accuracy, WhatCantBeMeasuredIsAnError) {
  TemporaryFolder model;
  write_model(model);
  const Predictor predictor = predictor_of(model);
  TemporaryFolder data;
  EXPECT_THAT(error_of(predictor, data.path()), HasSubstr("no images in class folders"));
  write_colour(data, "flat.png", 255, 0, 0);
  EXPECT_THAT(error_of(predictor, data.path()), HasSubstr("no images in class folders"));
  EXPECT_THAT(error_of(predictor, data.path() / "none"), HasSubstr("no such file"));
  write_colour(data, "purple/1.png", 255, 0, 255);
  EXPECT_THAT(error_of(predictor, data.path()), HasSubstr("purple"));
  TemporaryFolder by_index;
  write_colour(by_index, "3/1.png", 255, 0, 255);  // indices end at 2
  EXPECT_THAT(error_of(predictor, by_index.path()), HasSubstr("no label of the model"));
}

}  // namespace
}  // namespace switchyard
