// `inspect --weights` as a person meets it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "engine/json.h"
#include "tests/cli/run_program.h"
#include "tests/support/temporary_directory.h"

namespace switchyard {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::string kDigits = SWITCHYARD_SOURCE_DIR "/examples/digits-resnet";

TEST(InspectWeights, ListsEveryTensor) {
  const ProgramResult result = run_program({"inspect", "--weights", "-m", kDigits});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("recipe timm/resnet (rules/graphs/timm/resnet.yaml)"),
                                HasSubstr("fc.weight"), HasSubstr("rule weights/idle-buffers"),
                                HasSubstr("92 tensors: 77 used, 15 idle")));
}

TEST(InspectWeights, AnswersPrograms) {
  const ProgramResult result = run_program({"inspect", "--weights", "-m", kDigits, "-f", "json"});
  ASSERT_EQ(result.status, 0) << result.err;
  const Value report = parse_json(result.out, "report");
  EXPECT_EQ(report.find("tensors")->as_list().size(), 92u);
  EXPECT_TRUE(report.find("fits")->as_bool());
  const Value& first = report.find("tensors")->as_list()[5];
  EXPECT_EQ(first.find("name")->as_string(), "conv1.0.weight");
  EXPECT_EQ(first.find("scope")->as_string(), "conv1.0");
  EXPECT_EQ(first.find("status")->as_string(), "used");
  EXPECT_EQ(first.find("shape")->to_json(), "[16,3,3,3]");
}

// One name changed in place: the report is whole, and the status says that it does not fit.
TEST(InspectWeights, WhatDoesNotFitIsStatusOne) {
  TemporaryDirectory directory;
  std::filesystem::copy(kDigits, directory.path(), std::filesystem::copy_options::recursive);
  std::string bytes = read_text(directory / "model.safetensors");
  const std::size_t at = bytes.find("layer2.0.conv1.weight");
  ASSERT_NE(at, bytes.npos);
  bytes.replace(at, 21, "layer2.0.convX.weight");
  write_text(directory / "model.safetensors", bytes);
  const ProgramResult result =
      run_program({"inspect", "--weights", "-m", directory.path().string()});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("layer2.0.conv1.weight"), HasSubstr("missing"), HasSubstr("unused")));
  EXPECT_THAT(result.err, HasSubstr("does not fit recipe 'timm/resnet'"));
}

TEST(InspectWeights, GoesWithACheckpointOnly) {
  const ProgramResult result = run_program({"inspect", "--weights", "--jsonl", "-m", kDigits});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("--weights does not go with --jsonl"));
}

}  // namespace
}  // namespace switchyard
