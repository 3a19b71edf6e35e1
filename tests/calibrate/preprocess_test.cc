#include "stages/calibrate/preprocess.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include "engine/error.h"
#include "engine/json.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

Value read_json(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return parse_json(std::string(std::istreambuf_iterator<char>(in), {}), file.string());
}

// As the checkpoint says it; these processors need no row of the knowledge tables.
ImagePreprocessing preprocessing_in(const fs::path& folder) {
  const fs::path processor = folder / "preprocessor_config.json";
  if (fs::exists(processor))
    return preprocessing_of_processor(read_json(processor), Value(), processor.string());
  const fs::path config = folder / "config.json";
  return preprocessing_of_pretrained_cfg(*read_json(config).find("pretrained_cfg"),
                                         config.string());
}

// What PyTorch recorded of its input for one image, 7 digits.
void expect_recorded_input(const Tensor& tensor, const Value& recorded, const std::string& where) {
  SCOPED_TRACE(where);
  const List& shape = recorded.find("shape")->as_list();
  ASSERT_EQ(tensor.shape.size() + 1, shape.size());
  for (std::size_t i = 0; i < tensor.shape.size(); ++i)
    ASSERT_EQ(tensor.shape[i], shape[i + 1].as_int());
  const float* values = tensor.as<float>();
  const std::size_t count = tensor.count();
  double sum = 0.0;
  float least = std::numeric_limits<float>::infinity();
  float greatest = -least;
  for (std::size_t i = 0; i < count; ++i) {
    sum += values[i];
    least = std::min(least, values[i]);
    greatest = std::max(greatest, values[i]);
  }
  const double mean = sum / static_cast<double>(count);
  double squares = 0.0;
  for (std::size_t i = 0; i < count; ++i) squares += (values[i] - mean) * (values[i] - mean);
  const double deviation = std::sqrt(squares / static_cast<double>(count));
  EXPECT_NEAR(mean, recorded.find("mean")->as_double(), 2e-6);
  EXPECT_NEAR(deviation, recorded.find("std")->as_double(), 1e-4);  // n or n - 1: not said
  EXPECT_NEAR(least, recorded.find("min")->as_double(), 1e-6);
  EXPECT_NEAR(greatest, recorded.find("max")->as_double(), 1e-6);
  const List& first = recorded.find("first_16")->as_list();
  for (std::size_t i = 0; i < first.size(); ++i)
    EXPECT_NEAR(values[i], first[i].as_double(), 1e-6) << "element " << i;
  const List& at = recorded.find("spread_16_flat_index")->as_list();
  const List& spread = recorded.find("spread_16")->as_list();
  for (std::size_t i = 0; i < at.size(); ++i)
    EXPECT_NEAR(values[at[i].as_int()], spread[i].as_double(), 1e-6)
        << "element " << at[i].as_int();
}

// The digits are the same in all checkpoints, so most of the images are kept once, in `images`.
void expect_all_samples(const fs::path& checkpoint, const fs::path& images) {
  const ImagePreprocessing preprocessing = preprocessing_in(checkpoint);
  const Value reference = read_json(checkpoint / "reference.json");
  const List& samples = reference.find("samples")->as_list();
  ASSERT_EQ(samples.size(), 8u);
  for (const Value& sample : samples) {
    const std::string& name = sample.find("file")->as_string();
    const std::string file =
        ((fs::exists(checkpoint / name) ? checkpoint : images) / name).string();
    expect_recorded_input(preprocess_image(preprocessing, read_image(file), file),
                          *sample.find("input"), checkpoint.filename().string() + " " + file);
  }
}

class DigitsInput : public ::testing::TestWithParam<const char*> {};

TEST_P(DigitsInput, IsWhatPyTorchRecorded) {
  const fs::path root = SWITCHYARD_SOURCE_DIR;
  const fs::path example = root / "examples/digits-resnet";
  const std::string name = GetParam();
  expect_all_samples(name == "digits-resnet" ? example : root / "tests/data/digits" / name,
                     example);
}

INSTANTIATE_TEST_SUITE_P(Checkpoints, DigitsInput,
                         ::testing::Values("digits-resnet", "digits-resnet-timm-wrapper",
                                           "digits-vit", "digits-mobilenet", "digits-vit-hf"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// Rows of 3 x 2 pixels, every sample different.
Image small_image() {
  return {3, 2, {0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160, 255}};
}

TEST(Preprocess, LaysChannelsOutAsPlanesAndNormalizes) {
  ImagePreprocessing preprocessing;
  preprocessing.rescale_factor = 1.0 / 255;
  preprocessing.mean = {0.5, 0.25, 0.0};
  preprocessing.std = {0.5, 1.0, 2.0};
  const Tensor tensor = preprocess_image(preprocessing, small_image(), "picture");
  EXPECT_EQ(tensor.dtype, "float32");
  EXPECT_EQ(tensor.shape, (std::vector<std::int64_t>{3, 2, 3}));
  const float* values = tensor.as<float>();
  EXPECT_FLOAT_EQ(values[0], -1.0f);
  EXPECT_FLOAT_EQ(values[1], (30 / 255.0f - 0.5f) / 0.5f);
  EXPECT_FLOAT_EQ(values[6], 10 / 255.0f - 0.25f);
  EXPECT_FLOAT_EQ(values[17], 0.5f);
}

TEST(Preprocess, OffsetAfterRescaling) {
  ImagePreprocessing preprocessing;
  preprocessing.rescale_factor = 1.0 / 127.5;
  preprocessing.offset = 1.0;
  const Tensor tensor = preprocess_image(preprocessing, small_image(), "picture");
  EXPECT_FLOAT_EQ(tensor.as<float>()[0], -1.0f);
  EXPECT_FLOAT_EQ(tensor.as<float>()[17], 1.0f);
}

TEST(Preprocess, FlippedChannels) {
  ImagePreprocessing preprocessing;
  preprocessing.flip_channels = true;
  const Tensor tensor = preprocess_image(preprocessing, small_image(), "picture");
  EXPECT_EQ(tensor.as<float>()[0], 20.0f);
  EXPECT_EQ(tensor.as<float>()[12], 0.0f);
}

TEST(Preprocess, GreyIsPillowsLuma) {
  ImagePreprocessing preprocessing;
  preprocessing.channels = 1;
  const Tensor tensor = preprocess_image(preprocessing, small_image(), "picture");
  EXPECT_EQ(tensor.shape, (std::vector<std::int64_t>{1, 2, 3}));
  // convert("L") of the six pixels.
  const std::vector<float> expected = {8, 38, 68, 98, 128, 168};
  EXPECT_EQ(std::vector<float>(tensor.as<float>(), tensor.as<float>() + 6), expected);
}

TEST(Preprocess, CropOfAnImageThatIsTooSmallPadsAround) {
  ImagePreprocessing preprocessing;
  preprocessing.crop = true;
  preprocessing.crop_height = 4;
  preprocessing.crop_width = 5;
  preprocessing.pad_color = {1, 2, 3};
  const Tensor tensor = preprocess_image(preprocessing, small_image(), "picture");
  ASSERT_EQ(tensor.shape, (std::vector<std::int64_t>{3, 4, 5}));
  const std::vector<float> red(tensor.as<float>(), tensor.as<float>() + 20);
  EXPECT_EQ(red, (std::vector<float>{1, 1,  1,   1,   1,  //
                                     1, 0,  30,  60,  1,  //
                                     1, 90, 120, 150, 1,  //
                                     1, 1,  1,   1,   1}));
  EXPECT_EQ(tensor.as<float>()[59], 3.0f);
}

TEST(Preprocess, CropWiderButNotTallerThanTheImage) {
  ImagePreprocessing preprocessing;
  preprocessing.crop = true;
  preprocessing.crop_height = 1;
  preprocessing.crop_width = 5;
  const Tensor tensor = preprocess_image(preprocessing, small_image(), "picture");
  ASSERT_EQ(tensor.shape, (std::vector<std::int64_t>{3, 1, 5}));
  const std::vector<float> red(tensor.as<float>(), tensor.as<float>() + 5);
  EXPECT_EQ(red, (std::vector<float>{0, 0, 30, 60, 0}));
}

TEST(Preprocess, AResizeBeyondTheLimitsIsAnErrorThatNamesTheImage) {
  ImagePreprocessing preprocessing;
  preprocessing.resize = ImagePreprocessing::Resize::kShortestEdge;
  preprocessing.resize_height = preprocessing.resize_width = 224;
  const Image sliver{16000, 1, std::vector<std::uint8_t>(48000)};
  try {
    preprocess_image(preprocessing, sliver, "sliver.png");
    FAIL() << "224 x 3584000 was accepted";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("sliver.png"), std::string::npos) << error.what();
  }
}

TEST(Tensors, StackAddsTheBatchAxis) {
  Tensor one;
  one.shape = {1, 2};
  one.bytes.resize(8);
  one.as<float>()[1] = 5.0f;
  const std::vector<Tensor> three(3, one);
  const Tensor stacked = stack(three);
  EXPECT_EQ(stacked.shape, (std::vector<std::int64_t>{3, 1, 2}));
  EXPECT_EQ(stacked.as<float>()[5], 5.0f);
  EXPECT_EQ(stacked.bytes.size(), 24u);
}

TEST(Tensors, ConvertibleTypes) {
  EXPECT_TRUE(is_convertible("float32", "float16"));
  EXPECT_TRUE(is_convertible("int64", "int64"));
  EXPECT_FALSE(is_convertible("float32", "uint8"));
  EXPECT_FALSE(is_convertible("int64", "float32"));
}

Tensor floats(const std::vector<float>& values) {
  Tensor tensor;
  tensor.shape = {static_cast<std::int64_t>(values.size())};
  tensor.bytes.resize(values.size() * 4);
  std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
  return tensor;
}

TEST(Tensors, HalfPrecisionRoundsToNearestEven) {
  struct Case {
    float value;
    std::uint16_t bits;
  };
  const float inf = std::numeric_limits<float>::infinity();
  const Case cases[] = {
      {0.0f, 0x0000},         {-0.0f, 0x8000},        {1.0f, 0x3c00},        {-2.5f, 0xc100},
      {65504.0f, 0x7bff},     {65519.0f, 0x7bff},     {65520.0f, 0x7c00},    {1e10f, 0x7c00},
      {-inf, 0xfc00},         {0x1p-14f, 0x0400},     {0x1p-24f, 0x0001},    {0x1p-25f, 0x0000},
      {0x1.8p-25f, 0x0001},   {0x1p-26f, 0x0000},     {0x1.002p0f, 0x3c00},  {0x1.006p0f, 0x3c02},
      {0x1.ff8p-15f, 0x03ff}, {0x1.ffcp-15f, 0x0400}, {0.333333343f, 0x3555}};
  for (const Case& c : cases) {
    const Tensor half = convert_tensor(floats({c.value}), "float16");
    EXPECT_EQ(half.as<std::uint16_t>()[0], c.bits) << c.value;
  }
  const Tensor nan = convert_tensor(floats({std::nanf("")}), "float16");
  EXPECT_TRUE(std::isnan(convert_tensor(nan, "float32").as<float>()[0]));
}

TEST(Tensors, EveryHalfSurvivesTheWayToFloatAndBack) {
  Tensor half;
  half.dtype = "float16";
  half.shape = {65536};
  half.bytes.resize(2 * 65536);
  for (std::uint32_t bits = 0; bits < 65536; ++bits)
    half.as<std::uint16_t>()[bits] = static_cast<std::uint16_t>(bits);
  const Tensor back = convert_tensor(convert_tensor(half, "float32"), "float16");
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const bool is_nan = (bits & 0x7c00u) == 0x7c00u && (bits & 0x3ffu) != 0;
    if (!is_nan) {
      ASSERT_EQ(back.as<std::uint16_t>()[bits], bits);
    }
  }
}

}  // namespace
}  // namespace switchyard
