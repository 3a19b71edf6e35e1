#include "stages/checkpoint/preprocessing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/json.h"
#include "tests/checkpoint/fixtures.h"

namespace switchyard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string plan_text(const ImagePlan& plan) {
  const auto pair = [](int a, int b, char between) {
    return std::to_string(a) + between + std::to_string(b);
  };
  return pair(plan.resize_height, plan.resize_width, 'x') + " at " +
         pair(plan.top, plan.left, ',') + " -> " + pair(plan.height, plan.width, 'x');
}

// Geometry of timm's eval transform, heights first.
TEST(PretrainedCfg, PlansLikeTimm) {
  struct Case {
    const char* cfg;
    int height, width;
    const char* plan;
  };
  const Case kCases[] = {
      // floor(224 / 0.875) = 256; int(256 * 640 / 480) = 341; round((341 - 224) / 2) = 58 (even).
      {R"({"input_size":[3,224,224],"crop_pct":0.875})", 480, 640, "256x341 at 16,58 -> 224x224"},
      {R"({})", 480, 640, "256x341 at 16,58 -> 224x224"},
      // floor(64 / 0.95) = 67; the margin of 3 rounds to 2.
      {R"({"input_size":[3,64,64],"crop_pct":0.95})", 80, 80, "67x67 at 2,2 -> 64x64"},
      {R"({"input_size":[3,64,64],"crop_pct":1.0})", 100, 50, "128x64 at 32,0 -> 64x64"},
      {R"({"input_size":[3,100,100],"crop_pct":1,"crop_mode":"squash"})", 70, 90,
       "100x100 at 0,0 -> 100x100"},
      {R"({"input_size":[3,100,100],"crop_pct":0.5,"crop_mode":"squash"})", 70, 90,
       "200x200 at 50,50 -> 100x100"},
      // The longer side fits, the shorter is padded: -((100 - 50) / 2).
      {R"({"input_size":[3,100,100],"crop_pct":1,"crop_mode":"border"})", 40, 80,
       "50x100 at -25,0 -> 100x100"},
      // Not square: the smaller ratio decides, both sides rounded.
      {R"({"input_size":[3,100,200],"crop_pct":1})", 300, 300, "200x200 at 50,0 -> 100x200"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.cfg);
    const auto preprocessing = preprocessing_of_pretrained_cfg(parse_json(c.cfg, "c"), "c");
    EXPECT_EQ(plan_text(plan_image(preprocessing, c.height, c.width)), c.plan);
  }
}

TEST(PretrainedCfg, ReadsTheNumbers) {
  const auto read = [](const char* text) {
    return preprocessing_of_pretrained_cfg(parse_json(text, "c"), "c");
  };
  const auto defaults = read("{}");
  EXPECT_EQ(defaults.interpolation, Interpolation::kBicubic);
  EXPECT_THAT(defaults.mean, ElementsAre(0.485, 0.456, 0.406));
  EXPECT_THAT(defaults.std, ElementsAre(0.229, 0.224, 0.225));
  EXPECT_DOUBLE_EQ(defaults.rescale_factor, 1.0 / 255);
  const auto grey = read(R"({"input_size":[1,28,28],"mean":[0.1],"std":[0.3],
                             "interpolation":"bilinear"})");
  EXPECT_EQ(grey.channels, 1);
  EXPECT_THAT(grey.mean, ElementsAre(0.1));
  EXPECT_EQ(grey.interpolation, Interpolation::kBilinear);
  EXPECT_THAT(read(R"({"crop_mode":"border","mean":[0.5,0.1,1]})").pad_color,
              ElementsAre(128, 26, 255));
}

TEST(Processor, PlansLikeTransformers) {
  struct Case {
    const char* what;
    const char* processor;
    const char* row;
    int height, width;
    const char* plan;
  };
  const Case kCases[] = {
      {"height and width", R"({"size":{"height":48,"width":32}})", "null", 100, 60,
       "48x32 at 0,0 -> 48x32"},
      {"bare number", R"({"size":224})", "null", 100, 60, "224x224 at 0,0 -> 224x224"},
      {"bare number of a class that keeps the aspect",
       R"({"size":224,"do_center_crop":true,"crop_size":224})", R"({"bare_size_is_square":false})",
       480, 640, "224x298 at 0,37 -> 224x224"},
      {"shortest edge, crop", R"({"size":{"shortest_edge":256},"do_center_crop":true,
        "crop_size":{"height":224,"width":224}})",
       "null", 300, 411, "256x350 at 16,63 -> 224x224"},
      {"shortest edge with a limit", R"({"size":{"shortest_edge":100,"longest_edge":150}})", "null",
       100, 400, "37x150 at 0,0 -> 37x150"},
      {"longest edge", R"({"size":{"longest_edge":100}})", "null", 50, 200,
       "25x100 at 0,0 -> 25x100"},
      {"crop without resize", R"({"do_resize":false,"do_center_crop":true,"crop_size":10})", "null",
       13, 9, "13x9 at 1,-1 -> 10x10"},
      {"crop_pct", R"({"size":{"shortest_edge":224},"crop_pct":0.875})", "null", 500, 500,
       "256x256 at 16,16 -> 224x224"},
      {"crop_pct of a large size", R"({"size":{"shortest_edge":384},"crop_pct":0.875})", "null",
       500, 700, "384x384 at 0,0 -> 384x384"},
      {"scaled shortest edge", R"({"size":{"shortest_edge":224},"do_center_crop":true,
        "crop_size":{"height":224,"width":224}})",
       R"({"resize_scale":1.1428571428571428})", 512, 512, "256x256 at 16,16 -> 224x224"},
      {"nothing to do", R"({"do_resize":false})", "null", 7, 9, "7x9 at 0,0 -> 7x9"},
      {"old pair", R"({"size":[640,480]})", "null", 7, 9, "480x640 at 0,0 -> 480x640"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.what);
    const auto preprocessing =
        preprocessing_of_processor(parse_json(c.processor, "p"), parse_json(c.row, "r"), "p");
    EXPECT_EQ(plan_text(plan_image(preprocessing, c.height, c.width)), c.plan);
  }
}

TEST(Processor, ReadsTheNumbers) {
  const auto read = [](const char* text) {
    return preprocessing_of_processor(parse_json(text, "p"), Value(), "p");
  };
  const auto full = read(R"({"size":{"height":2,"width":2},"resample":3,"rescale_factor":0.5,
      "image_mean":[0.1,0.2,0.3],"image_std":[1,2,3]})");
  EXPECT_EQ(full.interpolation, Interpolation::kBicubic);
  EXPECT_DOUBLE_EQ(full.rescale_factor, 0.5);
  EXPECT_THAT(full.std, ElementsAre(1, 2, 3));
  const auto raw = read(R"({"do_rescale":false,"do_normalize":false})");
  EXPECT_DOUBLE_EQ(raw.rescale_factor, 1.0);
  EXPECT_TRUE(raw.mean.empty());
  EXPECT_FALSE(raw.flip_channels);
  EXPECT_TRUE(read(R"({"do_flip_channel_order":true})").flip_channels);
  EXPECT_DOUBLE_EQ(read(R"({"rescale_offset":true})").offset, 1.0);
}

TEST(Processor, RefusesNonsense) {
  struct Case {
    const char* processor;
    const char* message;
  };
  const Case kCases[] = {
      {R"({"size":{"height":-1,"width":2}})", "`size` is -1"},
      {R"({"size":1e9})", "`size`"},
      {R"({"size":{}})", "names no size"},
      {R"({"size":"big"})", "`size` is \"big\""},
      {R"({"size":[1,2,3]})", "not a pair"},
      {R"({"resample":17})", "`resample` is 17"},
      {R"({"image_mean":[0.5,0.5,0.5],"image_std":[1,0,1]})", "`image_std` holds a zero"},
      {R"({"image_mean":[0.5,0.5,0.5],"image_std":[1,2]})", "2 numbers for 3 channels"},
      {R"({"image_mean":["a"]})", "`image_mean`"},
      {R"({"do_resize":"yes"})", "`do_resize`"},
      {R"({"rescale_factor":NaN})", "`rescale_factor`"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.processor);
    const Value processor = parse_json(c.processor, "p.json");
    const std::string message =
        error_of([&] { preprocessing_of_processor(processor, Value(), "p.json"); });
    EXPECT_THAT(message, HasSubstr(c.message));
    EXPECT_THAT(message, HasSubstr("p.json"));
  }
}

TEST(ImagePreprocessing, PrefersTheProcessorAndItsClassRow) {
  const auto rules = RuleBook::from_texts(
      {{"p.yaml", "knowledge: image_processors\nrows:\n  Keeper: {bare_size_is_square: false}\n"}});
  ModelSource source;
  EXPECT_FALSE(image_preprocessing(*rules, source).has_value());
  source.config = parse_json(R"({"pretrained_cfg":{"input_size":[3,32,32]}})", "c");
  EXPECT_EQ(image_preprocessing(*rules, source)->crop_height, 32);
  // A tokenizer's or an audio model's preprocessor_config.json says nothing of images.
  source.preprocessor_config = parse_json(R"({"sampling_rate":16000})", "p");
  EXPECT_EQ(image_preprocessing(*rules, source)->crop_height, 32);
  source.preprocessor_config = parse_json(R"({"size":7,"feature_extractor_type":"Keeper"})", "p");
  EXPECT_EQ(image_preprocessing(*rules, source)->resize, ImagePreprocessing::Resize::kShortestEdge);
  source.preprocessor_config = parse_json(R"({"size":7})", "p");
  EXPECT_EQ(image_preprocessing(*rules, source)->resize, ImagePreprocessing::Resize::kExact);
}

}  // namespace
}  // namespace switchyard
