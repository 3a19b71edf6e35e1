// `config > FILE`, `build -c FILE`: the same artifacts, whatever has become of the rules.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "engine/json.h"
#include "tests/cli/homemade_model.h"
#include "tests/cli/run_program.h"
#include "tests/support/temporary_directory.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;
using Words = std::vector<std::string>;

const fs::path kExample = fs::path(SWITCHYARD_SOURCE_DIR) / "examples/digits-resnet";
constexpr const char* kArtifacts[] = {"export.onnx", "optimized.onnx", "quantized.onnx",
                                      "model.onnx"};

// Other precision, calibration and optimization, another task, and other config defaults.
constexpr const char* kOtherRules = R"(
decision: precision
rules:
  - {id: other/precision, priority: 900, source: other, then: {precision: int8, activation: int8, per_channel: false}}
---
decision: calibration
rules:
  - {id: other/calibration, priority: 900, source: other, then: {source: random, samples: 3}}
---
decision: calibration_fallback
rules:
  - {id: other/fallback, priority: 900, source: other, then: {source: random, samples: 2}}
---
decision: optimization
rules:
  - {id: other/optimization, priority: 900, source: other, then: {level: none}}
---
decision: task
rules:
  - {id: other/task, priority: 5000, source: other, then: {task: image-feature-extraction}}
)";

class Replay : public testing::Test {
 protected:
  Replay() { write_text(directory / "rules/other.yaml", kOtherRules); }

  ProgramResult run(Words arguments, const Words& more = {}) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
  ProgramResult build(const std::string& out, const Words& more) {
    return run({"build", "-o", (directory / out).string()}, more);
  }
  std::string recorded(const std::string& out = "first") const {
    return (directory / out / "build.json").string();
  }
  Value configuration(const std::string& out) const {
    return parse_json(read_text(directory / out / "build.json"), out);
  }
  void expect_same(const std::string& other) {
    for (const char* name : kArtifacts) {
      ASSERT_TRUE(fs::exists(directory / other / name)) << name;
      EXPECT_TRUE(read_text(directory / "first" / name) == read_text(directory / other / name))
          << name << " differs";
    }
  }

  TemporaryDirectory directory;
  const Words model = {"-m", kExample.string()};
  const Words images = {"--calibration", (kExample / "data/calibration").string()};
  const Words other_rules = {"--rules", (directory / "rules").string()};
};

TEST_F(Replay, TheSameRulesGiveTheSameBytes) {
  ASSERT_EQ(build("first", {"-m", kExample.string(), "--calibration",
                            (kExample / "data/calibration").string(), "--shape", "batch_size=4"})
                .status,
            0);
  const ProgramResult again = build("again", {"-c", recorded()});
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(again.err, "");
  expect_same("again");
  EXPECT_EQ(read_text(directory / "first/build.json"), read_text(directory / "again/build.json"));
}

TEST_F(Replay, IsWhatConfigPrints) {
  const Words said = {"-m", kExample.string(), "--precision", "int8", "--samples", "7"};
  ASSERT_EQ(build("first", said).status, 0);
  const ProgramResult printed = run({"config"}, said);
  EXPECT_EQ(printed.out, read_text(directory / "first/build.json"));
  EXPECT_EQ(run({"config", "-c", recorded()}).out, printed.out);
  write_text(directory / "printed.json", printed.out);
  ASSERT_EQ(build("again", {"-c", (directory / "printed.json").string()}).status, 0);
  expect_same("again");
}

TEST_F(Replay, OtherRulesChangeNothing) {
  ASSERT_EQ(build("first", {"-m", kExample.string(), images[0], images[1]}).status, 0);
  // They do decide otherwise.
  const ProgramResult decided = run({"config", "-m", kExample.string()}, other_rules);
  ASSERT_EQ(decided.status, 0) << decided.err;
  const Value other = parse_json(decided.out, "config");
  EXPECT_EQ(*other.find_path("calibration.source"), Value("random"));
  EXPECT_EQ(*other.find_path("task"), Value("image-feature-extraction"));

  const ProgramResult again = build("again", {"-c", recorded(), other_rules[0], other_rules[1]});
  ASSERT_EQ(again.status, 0) << again.err;
  expect_same("again");
}

TEST_F(Replay, RandomCalibrationIsTheSameDraw) {
  ASSERT_EQ(build("first", {"-m", kExample.string(), other_rules[0], other_rules[1], "--task",
                            "image-classification"})
                .status,
            0);
  ASSERT_EQ(configuration("first").find_path("calibration.samples")->as_int(), 3);
  const ProgramResult again = build("again", {"-c", recorded()});
  ASSERT_EQ(again.status, 0) << again.err;
  expect_same("again");
}

// Relative paths of the first build mean the same from elsewhere.
TEST_F(Replay, FromAnotherDirectory) {
  ProgramInput there;
  there.directory = kExample.string();
  const ProgramResult first = run_program({"build", "-m", ".", "-o", (directory / "first").string(),
                                           "--calibration", "data/calibration"},
                                          there);
  ASSERT_EQ(first.status, 0) << first.err;
  ProgramInput elsewhere;
  elsewhere.directory = directory.path().string();
  const ProgramResult again =
      run_program({"build", "-c", "first/build.json", "-o", "again"}, elsewhere);
  ASSERT_EQ(again.status, 0) << again.err;
  expect_same("again");
}

TEST_F(Replay, OptionsBesideTheFileWin) {
  ASSERT_EQ(build("first", {"-m", kExample.string(), "--precision", "fp32"}).status, 0);
  ASSERT_EQ(build("again", {"-c", recorded(), "--precision", "int8", "--samples", "5",
                            "--batch-size", "2", "--weights", "embed"})
                .status,
            0);
  const Value now = configuration("again");
  EXPECT_EQ(*now.find_path("precision.precision"), Value("int8"));
  EXPECT_EQ(*now.find_path("calibration.samples"), Value(5));
  EXPECT_EQ(*now.find_path("axes.batch_size"), Value(2));
  EXPECT_EQ(*now.find("weights"), Value("embed"));
  EXPECT_TRUE(fs::exists(directory / "again/quantized.onnx"));
  for (const char* option : {"--task", "--model-type", "--model-class", "--library"}) {
    const ProgramResult refused = build("third", {"-c", recorded(), option, "x"});
    EXPECT_EQ(refused.status, 2);
    EXPECT_THAT(refused.err, HasSubstr(std::string(option) + " and -c don't go together"));
  }
}

TEST_F(Replay, OnAMovedModel) {
  for (const char* name : {"config.json", "model.safetensors"}) {
    write_text(directory / "model" / name, read_text(kExample / name));
  }
  ASSERT_EQ(build("first", {"-m", (directory / "model").string()}).status, 0);
  fs::rename(directory / "model", directory / "moved");
  const ProgramResult gone = build("again", {"-c", recorded()});
  EXPECT_EQ(gone.status, 2);
  EXPECT_THAT(gone.err, HasSubstr("no longer at"));
  const ProgramResult again =
      build("again", {"-c", recorded(), "-m", (directory / "moved").string()});
  ASSERT_EQ(again.status, 0) << again.err;
  expect_same("again");
  EXPECT_EQ(again.err,
            "switchyard: warning: calibrating with random data instead of image-folder: "
            "no calibration data was given (--calibration PATH); expect a loss of "
            "accuracy\n");
  EXPECT_EQ(*configuration("again").find("model"), Value((directory / "moved").string()));
}

TEST_F(Replay, SaysWhatIsNotWhatItWas) {
  for (const char* name : {"config.json", "model.safetensors"}) {
    write_text(directory / "model" / name, read_text(kExample / name));
  }
  const Words full = {"-m",  (directory / "model").string(), "--precision", "fp32", "--digest",
                      "full"};
  ASSERT_EQ(build("first", full).status, 0);
  std::string weights = read_text(directory / "model/model.safetensors");
  weights.back() = static_cast<char>(weights.back() ^ 1);
  write_text(directory / "model/model.safetensors", weights);
  const ProgramResult again = build("again", {"-c", recorded()});
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("are not those this was written for"));
}

// The recipe is no decision: a replay without it says what it lacks.
TEST_F(Replay, OfARecipeThatIsGoneOrChanged) {
  const HomemadeModel model("input_ids", {{"table.weight", {4, 2}}}, R"yaml(
inputs: {input_ids: {dtype: int64, dims: [batch_size]}}
heads: {feature-extraction: {outputs: {y: "Gather($table.weight, input_ids)"}}}
)yaml");
  const ProgramResult first = build("first", {"-m", model.model(), "--rules", model.rules()});
  ASSERT_EQ(first.status, 0) << first.err;
  const ProgramResult gone = build("again", {"-c", recorded()});
  EXPECT_EQ(gone.status, 1);
  EXPECT_THAT(gone.err, HasSubstr("homemade"));

  const std::string graph = read_text(model.directory / "rules/graph.yaml");
  write_text(model.directory / "rules/graph.yaml", graph + "description: changed\n");
  const ProgramResult changed = build("third", {"-c", recorded(), "--rules", model.rules()});
  ASSERT_EQ(changed.status, 0) << changed.err;
  EXPECT_THAT(changed.err, HasSubstr("recipe homemade is not what it was"));
}

TEST_F(Replay, ExportTakesTheFileToo) {
  ASSERT_EQ(build("first",
                  {"-m", kExample.string(), "--precision", "fp32", "--shape", "height=16,width=16"})
                .status,
            0);
  const std::string target = (directory / "again.onnx").string();
  const ProgramResult exported = run({"export", "-c", recorded(), "-o", target}, other_rules);
  ASSERT_EQ(exported.status, 0) << exported.err;
  EXPECT_TRUE(read_text(target) == read_text(directory / "first/export.onnx"));
  EXPECT_EQ(run({"export", "-c", recorded(), "-o", target + "2", "--submodel", "x"}).status, 2);
}

TEST_F(Replay, FaultyFilesAreRefusedWithAllThatIsWrong) {
  std::string text = run({"config"}, model).out;
  const auto replace = [&](const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
  };
  replace("\"precision\": \"int8\"", "\"precision\": \"int4\"");
  replace("\"weights\": \"auto\"", "\"weihgts\": \"auto\"");
  replace("\"samples\": 100", "\"samples\": \"100\"");
  const std::string file = (directory / "faulty.json").string();
  write_text(file, text);
  for (const char* command : {"build", "export", "config"}) {
    const ProgramResult refused =
        command == std::string("config")
            ? run({command, "-c", file})
            : run({command, "-c", file, "-o", (directory / "out").string()});
    EXPECT_EQ(refused.status, 2) << command;
    EXPECT_EQ(refused.out, "");
    for (const char* part :
         {"4 things are wrong", "'precision' must be fp32 or int8",
          "no key 'weihgts'. Did you mean weights", "'samples' must be an integer",
          "lacks the key 'weights'", "faulty.json:"}) {
      EXPECT_THAT(refused.err, HasSubstr(part)) << command;
    }
    EXPECT_FALSE(fs::exists(directory / "out"));
  }
  write_text(file, read_text(kExample / "config.json"));
  EXPECT_THAT(run({"config", "-c", file}).err, HasSubstr("this is no build configuration"));
  EXPECT_EQ(run({"config", "-c", (directory / "missing.json").string()}).status, 1);
}

}  // namespace
}  // namespace switchyard
