#include "stages/calibrate/make_calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/error.h"
#include "stages/calibrate/data_kind.h"
#include "stages/calibrate/image_folder.h"
#include "stages/calibrate/image_source.h"
#include "tests/calibrate/png_writer.h"
#include "tests/calibrate/temporary_folder.h"

namespace switchyard {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::TemporaryFolder;
using testing::write_png;

// 4 x 4, all of one grey.
std::string grey_png(std::uint8_t value, int side = 4) {
  return write_png({side, side, 0, 8}, std::vector<std::uint8_t>(side * side, value));
}

IoInfo io(const std::string& name, const std::string& dtype, std::vector<std::int64_t> shape) {
  return {name, dtype, shape, std::vector<std::string>(shape.size())};
}

IoInfo pixels(std::vector<std::int64_t> shape = {-1, 3, -1, -1}) {
  return io("pixel_values", "float32", std::move(shape));
}

// What plan_inputs would say of such inputs: symbolic dimensions become 1 and 4.
std::vector<InputPlan> plan_of(const std::vector<IoInfo>& inputs) {
  std::vector<InputPlan> plan;
  for (const IoInfo& input : inputs) {
    InputPlan entry;
    entry.name = input.name;
    entry.dtype = input.dtype;
    for (const std::int64_t dim : input.shape)
      entry.shape.push_back(dim > 0 ? dim : (entry.shape.empty() ? 1 : 4));
    entry.kind = input.dtype == "int64" ? InputPlan::Kind::kUniform : InputPlan::Kind::kNormal;
    plan.push_back(entry);
  }
  return plan;
}

ImagePreprocessing plain() {
  ImagePreprocessing preprocessing;
  preprocessing.rescale_factor = 1.0 / 255;
  return preprocessing;
}

CalibrationChoice choose(const CalibrationRequest& request, const std::vector<IoInfo>& inputs,
                         const std::optional<ImagePreprocessing>& preprocessing = plain()) {
  return make_calibration(request, inputs, plan_of(inputs), preprocessing);
}

std::vector<NamedTensors> drain(CalibrationSource& source) {
  std::vector<NamedTensors> runs;
  NamedTensors inputs;
  while (source.next(inputs)) runs.push_back(inputs);
  return runs;
}

std::string error_of(const CalibrationRequest& request, const std::vector<IoInfo>& inputs) {
  try {
    choose(request, inputs);
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_status(), 1);
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

TEST(MakeCalibration, ImagesOfTheUserFeedAnImageModel) {
  TemporaryFolder folder;
  folder.write("a/1.png", grey_png(0));
  folder.write("a/2.png", grey_png(51));
  folder.write("b/1.png", grey_png(255));
  CalibrationChoice choice =
      choose({.source = "image-folder", .samples = 100, .data = folder.path()}, {pixels()});
  EXPECT_EQ(choice.requested, "image-folder");
  EXPECT_EQ(choice.used, "image-folder");
  EXPECT_THAT(choice.reason, HasSubstr(folder.path().string()));
  EXPECT_THAT(choice.warnings, IsEmpty());
  EXPECT_EQ(choice.samples, 3u);

  const std::vector<NamedTensors> runs = drain(*choice.source);
  ASSERT_THAT(runs, SizeIs(3));
  std::vector<float> first;
  for (const NamedTensors& run : runs) {
    ASSERT_THAT(run, SizeIs(1));
    EXPECT_EQ(run.at("pixel_values").shape, (std::vector<std::int64_t>{1, 3, 4, 4}));
    first.push_back(run.at("pixel_values").as<float>()[0]);
  }
  // Classes take turns: a/1, b/1, a/2.
  EXPECT_THAT(first, ElementsAre(0.0f, 1.0f, 0.2f));
}

TEST(MakeCalibration, RecordForTheManifest) {
  const CalibrationChoice choice = choose({.source = "image-folder"}, {pixels()});
  const Value record = choice.record();
  EXPECT_EQ(*record.find("requested"), Value("image-folder"));
  EXPECT_EQ(*record.find("used"), Value("random"));
  EXPECT_THAT(record.find("reason")->as_string(), HasSubstr("no calibration data was given"));
  EXPECT_EQ(*record.find("samples"), Value(16));
}

struct FallbackCase {
  const char* name;
  std::string file;  // put into the folder that the user gives
  std::string bytes;
  std::vector<IoInfo> inputs;
  std::string requested;
  std::string reason;
};

// Data that does not fit the graph: random data, a warning, and both say why.
TEST(MakeCalibration, DataThatDoesNotFitTheGraphGivesWayToRandomData) {
  const FallbackCase cases[] = {
      {"text for images",
       "calib.jsonl",
       "{\"text\": \"hallo\"}\n",
       {pixels()},
       "text-lines",
       "text yields input_ids, but the graph takes pixel_values"},
      {"audio for images",
       "0.wav",
       "RIFF....",
       {pixels()},
       "audio-files",
       "but the graph takes pixel_values"},
      {"text without a tokenizer",
       "lines.txt",
       "hallo\n",
       {io("input_ids", "int64", {-1, -1})},
       "text-lines",
       "tokenizer"},
      {"audio without a feature extractor",
       "0.wav",
       "RIFF....",
       {io("input_values", "float32", {-1, -1})},
       "audio-files",
       "feature extractor"},
      {"images for text",
       "1.png",
       grey_png(3),
       {io("input_ids", "int64", {-1, -1}), io("attention_mask", "int64", {-1, -1})},
       "image-folder",
       "the graph takes input_ids, attention_mask"},
      {"images for a video model",
       "1.png",
       grey_png(3),
       {pixels({-1, 16, 3, 4, 4})},
       "image-folder",
       "rank 4, but the graph takes rank 5"},
      {"type",
       "1.png",
       grey_png(3),
       {io("pixel_values", "uint8", {-1, 3, 4, 4})},
       "image-folder",
       "as float32, but the graph takes uint8"},
      {"size",
       "1.png",
       grey_png(3),
       {pixels({-1, 3, 8, 8})},
       "image-folder",
       "height 4, but the graph takes 8"},
      {"channels",
       "1.png",
       grey_png(3),
       {pixels({-1, 1, -1, -1})},
       "image-folder",
       "channels 3, but the graph takes 1"},
  };
  for (const FallbackCase& c : cases) {
    SCOPED_TRACE(c.name);
    TemporaryFolder folder;
    folder.write(c.file, c.bytes);
    CalibrationChoice choice = choose(
        {.source = "image-folder", .samples = 100, .fallback_samples = 5, .data = folder.path()},
        c.inputs);
    EXPECT_EQ(choice.requested, c.requested);
    EXPECT_EQ(choice.used, "random");
    EXPECT_THAT(choice.reason, HasSubstr(c.reason));
    ASSERT_THAT(choice.warnings, SizeIs(1));
    EXPECT_THAT(choice.warnings.front(), HasSubstr(c.reason));
    EXPECT_EQ(choice.samples, 5u);
    const std::vector<NamedTensors> runs = drain(*choice.source);
    ASSERT_THAT(runs, SizeIs(5));
    for (const IoInfo& input : c.inputs) {
      ASSERT_TRUE(runs.front().contains(input.name));
      EXPECT_EQ(runs.front().at(input.name).dtype, input.dtype);
      EXPECT_EQ(runs.front().at(input.name).shape.size(), input.shape.size());
    }
  }
}

TEST(MakeCalibration, WithoutPreprocessingImagesCantBePrepared) {
  TemporaryFolder folder;
  folder.write("1.png", grey_png(3));
  const CalibrationChoice choice =
      choose({.source = "image-folder", .data = folder.path()}, {pixels()}, std::nullopt);
  EXPECT_EQ(choice.used, "random");
  EXPECT_THAT(choice.reason, HasSubstr("how its images are prepared"));
}

TEST(MakeCalibration, ADecisionForRandomDataIsNoFallback) {
  const CalibrationChoice choice = choose({.source = "random", .samples = 7}, {pixels()});
  EXPECT_EQ(choice.requested, "random");
  EXPECT_EQ(choice.used, "random");
  EXPECT_EQ(choice.samples, 7u);
  EXPECT_THAT(choice.warnings, IsEmpty());
}

TEST(MakeCalibration, TheUsersDataOverridesTheDecision) {
  TemporaryFolder folder;
  folder.write("1.png", grey_png(3));
  EXPECT_EQ(choose({.source = "random", .data = folder.path()}, {pixels()}).used, "image-folder");
  EXPECT_EQ(choose({.source = "text-lines", .data = folder.path()}, {pixels()}).used,
            "image-folder");
}

TEST(MakeCalibration, AnUnknownSourceIsTheRulesFault) {
  try {
    choose({.source = "imagefolder"}, {pixels()});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_THAT(std::string(error.what()), HasSubstr("imagefolder"));
  }
}

// Errors, whatever the graph takes.
TEST(MakeCalibration, DataOfTheUserThatIsNotThereIsAnError) {
  TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "empty");
  folder.write("zero/0.jsonl", "");
  folder.write("unknown/weights.bin", "x");
  folder.write("broken/a.png", "not a picture");
  folder.write("broken/b.png", "");
  struct Case {
    const char* path;
    const char* reason;
  };
  const Case cases[] = {{"nowhere", "no such file or directory"},
                        {"empty", "empty"},
                        {"zero", "no calibration data"},
                        {"zero/0.jsonl", "empty"},
                        {"unknown", "no calibration data"},
                        {"unknown/weights.bin", "no calibration data"},
                        {"broken", "none of the 2 images here can be read"}};
  for (const Case& c : cases) {
    const std::filesystem::path path = folder.path() / c.path;
    const std::string text = error_of({.source = "image-folder", .data = path}, {pixels()});
    EXPECT_THAT(text, HasSubstr(c.reason)) << c.path;
    EXPECT_THAT(text, HasSubstr(path.string())) << c.path;
  }
  EXPECT_THAT(error_of({.source = "text-lines", .data = folder.path() / "nowhere"},
                       {io("input_ids", "int64", {-1, -1})}),
              HasSubstr("no such file"));
}

TEST(MakeCalibration, ADamagedImageIsLeftOutWithAWarning) {
  TemporaryFolder folder;
  folder.write("a.png", grey_png(1));
  folder.write("b.png", grey_png(2).substr(0, 40));
  folder.write("c.png", grey_png(3));
  const CalibrationChoice choice =
      choose({.source = "image-folder", .samples = 2, .data = folder.path()}, {pixels()});
  EXPECT_EQ(choice.used, "image-folder");
  EXPECT_EQ(choice.samples, 2u);  // c took b's place
  ASSERT_THAT(choice.warnings, SizeIs(1));
  EXPECT_THAT(choice.warnings.front(), HasSubstr("b.png"));
}

TEST(MakeCalibration, HalfPrecisionInputsAndFixedBatches) {
  TemporaryFolder folder;
  for (int i = 0; i < 3; ++i) folder.write(std::to_string(i) + ".png", grey_png(255));
  CalibrationChoice choice = choose({.source = "image-folder", .data = folder.path()},
                                    {io("pixel_values", "float16", {2, 3, 4, 4})});
  EXPECT_EQ(choice.samples, 3u);
  const std::vector<NamedTensors> runs = drain(*choice.source);
  ASSERT_THAT(runs, SizeIs(2));
  for (const NamedTensors& run : runs) {
    const Tensor& tensor = run.at("pixel_values");
    EXPECT_EQ(tensor.dtype, "float16");
    EXPECT_EQ(tensor.shape, (std::vector<std::int64_t>{2, 3, 4, 4}));
    ASSERT_EQ(tensor.bytes.size(), 2u * 96);
    EXPECT_EQ(tensor.as<std::uint16_t>()[95], 0x3c00);  // the second run's second is a repetition
  }
}

TEST(MakeCalibration, InputsBesideTheImageAreDrawnAtRandom) {
  TemporaryFolder folder;
  folder.write("1.png", grey_png(255));
  CalibrationChoice choice = choose({.source = "image-folder", .data = folder.path()},
                                    {pixels(), io("input_ids", "int64", {-1, -1})});
  EXPECT_EQ(choice.used, "image-folder");
  EXPECT_THAT(choice.reason, HasSubstr("input_ids drawn at random"));
  EXPECT_THAT(choice.warnings, SizeIs(1));
  const std::vector<NamedTensors> runs = drain(*choice.source);
  ASSERT_THAT(runs, SizeIs(1));
  EXPECT_EQ(runs.front().at("pixel_values").as<float>()[0], 1.0f);
  EXPECT_EQ(runs.front().at("input_ids").dtype, "int64");
}

TEST(ImageFolder, ListsClassFoldersAndFlatFilesInOrder) {
  TemporaryFolder folder;
  folder.write("b/x.png", "x");
  folder.write("a/deep/er.jpg", "x");
  folder.write("a/2.PNG", "x");
  folder.write("top.png", "x");
  folder.write("a/notes.txt", "x");
  folder.write(".cache/hidden.png", "x");
  folder.write("a/._2.png", "x");
  std::vector<std::string> listed;
  for (const ImageFile& image : list_images(folder.path()))
    listed.push_back(image.file.lexically_relative(folder.path()).string() + "=" + image.label);
  EXPECT_THAT(listed, ElementsAre("a/2.PNG=a", "a/deep/er.jpg=a", "b/x.png=b", "top.png="));
}

TEST(ImageFolder, LabelsTakeTurns) {
  std::vector<std::string> order;
  for (const ImageFile& image : interleave_labels(
           {{"a1", "a"}, {"a2", "a"}, {"a3", "a"}, {"b1", "b"}, {"c1", "c"}, {"c2", "c"}}))
    order.push_back(image.file.string());
  EXPECT_THAT(order, ElementsAre("a1", "b1", "c1", "a2", "c2", "a3"));
}

TEST(DataKinds, AreToldByTheFiles) {
  TemporaryFolder folder;
  folder.write("speech/0.wav", "x");
  folder.write("speech/calib.jsonl", "x");
  folder.write("pictures/a/0.png", "x");
  folder.write("pictures/labels.txt", "x");
  folder.write("text/lines.txt", "x");
  folder.write("other/a.bin", "x");
  const auto kind = [&](const char* name) { return detect_data_kind(folder.path() / name); };
  EXPECT_EQ(kind("speech"), DataKind::kAudio);
  EXPECT_EQ(kind("speech/calib.jsonl"), DataKind::kText);
  EXPECT_EQ(kind("pictures"), DataKind::kImages);
  EXPECT_EQ(kind("text"), DataKind::kText);
  EXPECT_EQ(kind("other"), DataKind::kNone);
}

TEST(ImageHints, AreThePreparedSize) {
  EXPECT_EQ(image_hints(std::nullopt).height, 224);
  ImagePreprocessing preprocessing;
  preprocessing.resize = ImagePreprocessing::Resize::kShortestEdge;
  preprocessing.resize_height = preprocessing.resize_width = 67;
  EXPECT_EQ(image_hints(preprocessing).width, 67);
  preprocessing.crop = true;
  preprocessing.crop_height = 64;
  preprocessing.crop_width = 60;
  EXPECT_EQ(image_hints(preprocessing).height, 64);
  EXPECT_EQ(image_hints(preprocessing).width, 60);
}

}  // namespace
}  // namespace switchyard
