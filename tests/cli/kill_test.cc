// kill -9 at any moment, then the same command again: nothing is lost, nothing half-made is left.
//
// When exactly a kill comes depends on the machine; what is asked holds whenever it comes.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <thread>

#include "engine/json.h"
#include "tests/cli/run_program.h"
#include "tests/cli/weight_files.h"
#include "tests/support/temporary_directory.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;
using std::chrono::duration;

const fs::path kExample = fs::path(SWITCHYARD_SOURCE_DIR) / "examples/digits-resnet";

using Files = std::map<std::string, std::string>;  // name -> content

Files files_in(const fs::path& directory) {
  Files files;
  if (!fs::exists(directory)) return files;
  for (const auto& entry : fs::directory_iterator(directory)) {
    files[entry.path().filename().string()] = read_text(entry.path());
  }
  return files;
}

bool is_draft(const std::string& name) { return name.find(".tmp") != std::string::npos; }

std::optional<Value> manifest_in(const fs::path& out) {
  if (!fs::exists(out / "manifest.json")) return {};
  return parse_json(read_text(out / "manifest.json"), "manifest.json");
}

const Value* stage_of(const Value& manifest, const std::string& name) {
  for (const Value& stage : manifest.find("stages")->as_list()) {
    if (*stage.find("name") == Value(name)) return &stage;
  }
  return nullptr;
}

class KilledBuild : public testing::TestWithParam<const char*> {
 protected:
  Words words(const fs::path& out) const {
    return {"build",
            "-m",
            kExample.string(),
            "-o",
            out.string(),
            "--weights",
            GetParam(),
            "--calibration",
            (kExample / "data/calibration").string()};
  }

  // Ends the build `delay` after the stage before `stage` is done.
  void kill_in(const std::string& before, duration<double> delay, const fs::path& out) const {
    RunningProgram build(words(out));
    constexpr int kMostPolls = 20'000;
    for (int i = 0; i < kMostPolls && !is_done(before, out); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    std::this_thread::sleep_for(delay);
    build.kill();
    build.wait();
  }

  static bool is_done(const std::string& stage, const fs::path& out) {
    if (stage.empty()) return true;
    const auto manifest = manifest_in(out);
    const Value* record = manifest ? stage_of(*manifest, stage) : nullptr;
    return record != nullptr && *record->find("status") == Value("done");
  }

  TemporaryDirectory directory_;
};

// What differs from build to build: how long it took.
bool is_told_of_time(const std::string& name) { return name == "manifest.json"; }

TEST_P(KilledBuild, GoesOnAndMakesTheSameFiles) {
  const fs::path whole = directory_ / "whole";
  const ProgramResult undisturbed = run_program(words(whole));
  ASSERT_EQ(undisturbed.status, 0) << undisturbed.err;
  const Files expected = files_in(whole);
  const Value manifest = *manifest_in(whole);

  const std::pair<const char*, const char*> stages[] = {
      {"export", ""}, {"optimize", "export"}, {"quantize", "optimize"}};
  for (const auto& [stage, before] : stages) {
    const fs::path out = directory_ / stage;
    const double seconds = stage_of(manifest, stage)->find("seconds")->as_double();
    // The program needs some time before its first stage begins.
    const double longest = *before == '\0' ? seconds + 0.05 : seconds;
    constexpr int kKills = 4;
    for (int i = 0; i < kKills; ++i) {
      kill_in(before, duration<double>(longest * (i + 0.5) / kKills), out);
      for (const auto& [name, content] : files_in(out)) {
        if (is_draft(name) || is_told_of_time(name)) continue;
        ASSERT_TRUE(expected.contains(name)) << stage << ": " << name;
        EXPECT_EQ(content == expected.at(name), true) << stage << ": half of " << name;
      }
    }
    const ProgramResult resumed = run_program(words(out));
    ASSERT_EQ(resumed.status, 0) << resumed.err;
    const Files made = files_in(out);
    EXPECT_EQ(made.size(), expected.size());
    for (const auto& [name, content] : expected) {
      ASSERT_TRUE(made.contains(name)) << stage << ": " << name;
      if (is_told_of_time(name)) continue;
      EXPECT_EQ(made.at(name) == content, true) << stage << ": " << name;
    }
    const Value now = *manifest_in(out);
    for (const auto& [name, ignored] : stages) {
      EXPECT_EQ(*stage_of(now, name)->find("digest"), *stage_of(manifest, name)->find("digest"));
      EXPECT_EQ(*stage_of(now, name)->find("status"), Value("done"));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Modes, KilledBuild, testing::Values("embed", "reference", "external"),
                         [](const auto& info) { return std::string(info.param); });

// One model type, two checkpoints that differ in every weight, written to one place in turns.
class KilledExport : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const fs::path example = fs::path(SWITCHYARD_SOURCE_DIR) / "examples/adding-a-model";
    fs::copy(example / "rules", directory_ / "rules");
    write_text(directory_ / "rules/digit-perceptron.yaml", R"yaml(recipe: digit-perceptron
use: [linear]
inputs: {pixel_values: {dtype: float32, dims: [batch_size, 1, 8, 8]}}
graph:
  - x = Reshape(pixel_values, [-1, 64])
  - y = linear(x) @ first
  - x = y
  - for: i in range(40)
    do: ["x = Add(x, linear(y) @ layers.{i})"]
heads: {image-classification: {outputs: {logits: x}}}
)yaml");
    std::vector<WeightSpec> tensors = {{"first.weight", {128, 64}}, {"first.bias", {128}}};
    for (int i = 0; i < 40; ++i) {
      tensors.push_back({"layers." + std::to_string(i) + ".weight", {128, 128}});
      tensors.push_back({"layers." + std::to_string(i) + ".bias", {128}});
    }
    for (int seed : {0, 1}) {
      const fs::path model = directory_ / std::to_string(seed);
      fs::create_directories(model);
      fs::copy(example / "checkpoint/config.json", model / "config.json");
      write_sparse_checkpoint(model / "model.safetensors", "F32", tensors, seed);
    }
  }

  Words words(const fs::path& file, int seed) const {
    return {"export",
            "-m",
            (directory_ / std::to_string(seed)).string(),
            "-o",
            file.string(),
            "--weights",
            GetParam(),
            "--overwrite",
            "--rules",
            (directory_ / "rules").string()};
  }
  ProgramResult export_to(const fs::path& file, int seed) const {
    return run_program(words(file, seed));
  }

  bool is_same(const fs::path& a, const fs::path& b) const {
    return run_program(
               {"verify", a.string(), b.string(), "--samples", "1", "--max-difference", "0"})
               .status == 0;
  }

  TemporaryDirectory directory_;
};

TEST_P(KilledExport, LeavesTheEarlierModelOrTheNew) {
  const fs::path models[] = {directory_ / "a/model.onnx", directory_ / "b/model.onnx"};
  double seconds = 0;
  for (int seed : {0, 1}) {
    const auto begin = std::chrono::steady_clock::now();
    ASSERT_EQ(export_to(models[seed], seed).status, 0);
    seconds = duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  ASSERT_FALSE(is_same(models[0], models[1]));
  const fs::path target = directory_ / "out/model.onnx";
  ASSERT_EQ(export_to(target, 0).status, 0);
  int standing = 0;
  constexpr int kKills = 12;
  for (int i = 0; i < kKills; ++i) {
    RunningProgram program(words(target, 1 - standing));
    std::this_thread::sleep_for(duration<double>(seconds * (i + 0.5) / kKills));
    program.kill();
    program.wait();
    if (is_same(target, models[1 - standing])) {
      standing = 1 - standing;
    } else {
      EXPECT_TRUE(is_same(target, models[standing])) << "kill " << i;
    }
  }
  ASSERT_EQ(export_to(target, 0).status, 0);
  EXPECT_TRUE(is_same(target, models[0]));
}

INSTANTIATE_TEST_SUITE_P(Modes, KilledExport, testing::Values("embed", "reference", "external"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace switchyard
