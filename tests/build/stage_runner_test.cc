#include "stages/build/stage_runner.h"

#include <gtest/gtest.h>

#include "engine/error.h"
#include "tests/support/temporary_directory.h"

namespace switchyard {
namespace {

// Two stages that append a letter to a text, and count how often they ran.
class StageRunnerTest : public testing::Test {
 protected:
  std::vector<StageStep> steps() {
    return {step("first", "a", first_option), step("second", "b", second_option)};
  }

  StageStep step(const std::string& name, const std::string& letter, const std::string& option) {
    StageStep step;
    step.name = name;
    step.artifact = name + ".txt";
    step.read = [option](StageKey& key, Map&) { key.add("option", std::string_view(option)); };
    step.run = [this, name, letter, option](const std::filesystem::path& input,
                                            const std::filesystem::path& output,
                                            StageRecord& record) {
      ran.push_back(name);
      if (name == failing) throw Error(ErrorKind::kModel, {"in.txt", 3}, "no such thing", "Try");
      write_text(output, (input.empty() ? "" : read_text(input)) + letter + option);
      record.notes.push_back("made " + name);
    };
    return step;
  }

  // One build: reads the manifest of the one before.
  std::filesystem::path build(bool force = false) { return build(steps(), force); }
  std::filesystem::path build(const std::vector<StageStep>& steps, bool force = false) {
    ran.clear();
    auto manifest = Manifest::read(directory.path()).value_or(Manifest());
    manifest.model = "the-model";
    StageRunner runner(directory.path(), manifest, force, observer);
    return runner.run(steps);
  }

  using Names = std::vector<std::string>;
  TemporaryDirectory directory;
  BuildObserver observer;
  std::string first_option = "1";
  std::string second_option = "1";
  std::string failing;
  Names ran;
};

TEST_F(StageRunnerTest, RunsEverythingOnceThenNothing) {
  EXPECT_EQ(read_text(build()), "a1b1");
  EXPECT_EQ(ran, (Names{"first", "second"}));
  EXPECT_EQ(read_text(build()), "a1b1");
  EXPECT_EQ(ran, Names{});
  const auto manifest = Manifest::read(directory.path());
  EXPECT_TRUE(manifest->find("first")->reused);
  EXPECT_EQ(manifest->find("first")->notes, Names{"made first"});
}

TEST_F(StageRunnerTest, AnOptionRunsItsStageAndWhatFollows) {
  build();
  second_option = "2";
  EXPECT_EQ(read_text(build()), "a1b2");
  EXPECT_EQ(ran, Names{"second"});
  first_option = "2";
  EXPECT_EQ(read_text(build()), "a2b2");
  EXPECT_EQ(ran, (Names{"first", "second"}));
}

TEST_F(StageRunnerTest, ForceRunsEverything) {
  build();
  build(true);
  EXPECT_EQ(ran, (Names{"first", "second"}));
}

TEST_F(StageRunnerTest, AMissingOrAlteredArtifactIsMadeAgain) {
  build();
  std::filesystem::remove(directory / "second.txt");
  build();
  EXPECT_EQ(ran, Names{"second"});
  write_text(directory / "first.txt", "xx");  // of the same size
  EXPECT_EQ(read_text(build()), "a1b1");
  EXPECT_EQ(ran, Names{"first"});  // and what it makes is what the second had read
}

TEST_F(StageRunnerTest, AFailureKeepsEarlierArtifactsAndSaysWhere) {
  failing = "second";
  try {
    build();
    FAIL() << "the failure was lost";
  } catch (const Error& e) {
    const std::string text = e.what();
    EXPECT_NE(text.find("in.txt:3"), std::string::npos) << text;
    EXPECT_NE(text.find("'second' failed for the-model: no such thing"), std::string::npos) << text;
    EXPECT_NE(text.find("Try"), std::string::npos) << text;
  }
  EXPECT_EQ(read_text(directory / "first.txt"), "a1");
  const auto manifest = Manifest::read(directory.path());
  EXPECT_EQ(manifest->find("second")->status, StageStatus::kFailed);
  EXPECT_NE(manifest->find("second")->reason.find("no such thing"), std::string::npos);

  failing.clear();
  EXPECT_EQ(read_text(build()), "a1b1");
  EXPECT_EQ(ran, Names{"second"});
}

TEST_F(StageRunnerTest, ASkippedStageSaysWhyAndLeavesNoOldArtifact) {
  build();
  auto skipping = steps();
  skipping[1].skip_reason = "not wanted";
  EXPECT_EQ(read_text(build(skipping)), "a1");
  EXPECT_FALSE(std::filesystem::exists(directory / "second.txt"));
  StageRunner runner(directory.path(), *Manifest::read(directory.path()), false, observer);
  runner.run(skipping);
  EXPECT_EQ(runner.manifest().find("second")->reason, "not wanted");
  EXPECT_EQ(runner.manifest().find("second")->status, StageStatus::kSkipped);
}

TEST_F(StageRunnerTest, SkippingNeverRemovesAFileItDidNotMake) {
  write_text(directory / "second.txt", "the user's");
  auto skipping = steps();
  skipping[1].skip_reason = "not wanted";
  build(skipping);
  EXPECT_EQ(read_text(directory / "second.txt"), "the user's");
}

TEST_F(StageRunnerTest, WhileAStageRunsTheManifestNamesNoModel) {
  build();
  auto manifest = *Manifest::read(directory.path());
  manifest.model_file = "model.onnx";
  manifest.write(directory.path());
  second_option = "2";
  auto watching = steps();
  const auto run = watching[1].run;
  watching[1].run = [&](const auto& input, const auto& output, StageRecord& record) {
    EXPECT_EQ(Manifest::read(directory.path())->model_file, "");
    run(input, output, record);
  };
  build(watching);
  EXPECT_EQ(ran, Names{"second"});
}

}  // namespace
}  // namespace switchyard
