#include "stages/build/manifest.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_directory.h"

namespace switchyard {
namespace {

Manifest sample() {
  Manifest manifest;
  manifest.version = "1.2.3";
  manifest.model = "/models/x";
  manifest.rules = "abc";
  manifest.model_file = "model.onnx";
  manifest.files = {"config.json"};
  StageRecord made;
  made.name = "export";
  made.seconds = 0.25;
  made.key = "k";
  made.artifact = "export.onnx";
  made.bytes = 12;
  made.digest = "d";
  made.inputs.set("model.safetensors", "identity");
  made.notes = {"note"};
  made.warnings = {"warning"};
  made.calibration = Map{{"requested", "image-folder"}, {"used", "random"}, {"reason", "no image"}};
  manifest.set(made);
  StageRecord left_out;
  left_out.name = "quantize";
  left_out.status = StageStatus::kSkipped;
  left_out.reason = "the precision is fp32";
  manifest.set(left_out);
  return manifest;
}

TEST(Manifest, ReadsBackWhatItWrote) {
  TemporaryDirectory directory;
  sample().write(directory.path());
  const auto manifest = Manifest::read(directory.path());
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->to_json(), sample().to_json());
  EXPECT_EQ(manifest->find("export")->bytes, 12u);
  EXPECT_EQ(manifest->find("quantize")->status, StageStatus::kSkipped);
  EXPECT_EQ(manifest->find("verify"), nullptr);
}

TEST(Manifest, SettingAStageReplacesItsRecord) {
  Manifest manifest = sample();
  StageRecord failed;
  failed.name = "export";
  failed.status = StageStatus::kFailed;
  manifest.set(failed);
  ASSERT_EQ(manifest.stages.size(), 2u);
  EXPECT_EQ(manifest.find("export")->status, StageStatus::kFailed);
}

struct Foreign {
  const char* name;
  const char* text;
};

class ForeignManifest : public testing::TestWithParam<Foreign> {};

TEST_P(ForeignManifest, CountsAsNone) {
  TemporaryDirectory directory;
  write_text(directory / Manifest::kFileName, GetParam().text);
  EXPECT_FALSE(Manifest::read(directory.path()));
}

INSTANTIATE_TEST_SUITE_P(Files, ForeignManifest,
                         testing::Values(Foreign{"cut", "{\"tool\": \"switchy"},
                                         Foreign{"empty", ""}, Foreign{"list", "[]"},
                                         Foreign{"another_tool", "{\"tool\": \"webpack\"}"}),
                         [](const auto& info) { return info.param.name; });

TEST(Manifest, ARecordThatMakesNoSenseCountsAsNotDone) {
  TemporaryDirectory directory;
  write_text(
      directory / Manifest::kFileName,
      R"({"tool": "switchyard", "stages": [{"name": "export", "status": 7, "bytes": "x"}]})");
  const auto manifest = Manifest::read(directory.path());
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->find("export")->status, StageStatus::kFailed);
}

}  // namespace
}  // namespace switchyard
