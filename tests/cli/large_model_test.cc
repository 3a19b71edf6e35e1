// Models past the 2 GB of a protobuf message, and past the memory one would want to give to them.
// Their checkpoints are sparse files, so that they take no room on the disk.
#include <gtest/gtest.h>

#include <filesystem>

#include "engine/json.h"
#include "tests/cli/run_program.h"
#include "tests/cli/weight_files.h"
#include "tests/support/temporary_directory.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

const fs::path kExample = fs::path(SWITCHYARD_SOURCE_DIR) / "examples/adding-a-model";

constexpr std::uint64_t kMegabyte = 1'000'000;

// The overlay of examples/adding-a-model with another graph, and a checkpoint for it.
class LargeModel : public testing::Test {
 protected:
  void SetUp() override {
    if (!keeps_holes(directory_.path())) GTEST_SKIP() << "this file system keeps no holes";
  }
  void TearDown() override {
    if (IsSkipped()) return;
    EXPECT_LT(disk_use(directory_.path()), 100 * kMegabyte);
  }

  void make(const std::string& graph, const std::string& dtype,
            const std::vector<WeightSpec>& tensors) {
    fs::copy(kExample / "rules", directory_ / "rules");
    write_text(directory_ / "rules/digit-perceptron.yaml",
               "recipe: digit-perceptron\nuse: [linear]\n"
               "inputs: {pixel_values: {dtype: float32, dims: [batch_size, 1, 8, 8]}}\n" +
                   graph + "heads:\n  image-classification: {outputs: {logits: x}}\n");
    fs::create_directories(directory_ / "model");
    for (const char* name : {"config.json", "preprocessor_config.json"}) {
      fs::copy(kExample / "checkpoint" / name, directory_ / "model" / name);
    }
    write_sparse_checkpoint(directory_ / "model/model.safetensors", dtype, tensors);
  }

  fs::path out(const std::string& name) const { return directory_ / "out" / name; }

  // A command that must succeed.
  ProgramResult run(Words words) const {
    ProgramInput input;
    input.environment = {"SWITCHYARD_RULES=" + (directory_ / "rules").string()};
    ProgramResult result = run_program(words, input);
    EXPECT_EQ(result.status, 0) << command_text(words) << "\n" << result.err;
    return result;
  }

  TemporaryDirectory directory_;
};

struct Case {
  const char* dtype;
  const char* mode;
};

class FiveGigabytes : public LargeModel, public testing::WithParamInterface<Case> {};

// Memory is all that is resident, mapped pages of the weights included.
TEST_P(FiveGigabytes, AreExportedAndOptimizedInLittleMemory) {
#ifdef __SANITIZE_ADDRESS__
  constexpr long kMostKib = 1000 * 1000;  // the sanitizer's own memory
#else
  constexpr long kMostKib = 200 * 1000;
#endif
  const bool is_float = std::string(GetParam().dtype) == "F32";
  const int layers = is_float ? 20 : 40;
  std::vector<WeightSpec> tensors = {{"first.weight", {8192, 64}}, {"first.bias", {8192}}};
  for (int i = 0; i < layers; ++i) {
    const std::string name = "layers." + std::to_string(i);
    tensors.push_back({name + ".weight", {8192, 8192}});
    tensors.push_back({name + ".bias", {8192}});
  }
  make(
      "graph:\n  - x = Reshape(pixel_values, [-1, 64])\n  - x = linear(x) @ first\n"
      "  - for: i in range(" +
          std::to_string(layers) +
          ")\n"
          "    do: [\"x = linear(x) @ layers.{i}\"]\n",
      GetParam().dtype, tensors);
  ASSERT_GT(fs::file_size(directory_ / "model/model.safetensors"), 5000 * kMegabyte);
  const ProgramResult exported = run({"export", "-m", (directory_ / "model").string(), "-o",
                                      out("export.onnx").string(), "--weights", GetParam().mode});
  EXPECT_LT(exported.peak_kib, kMostKib);
  const ProgramResult optimized =
      run({"optimize", "-m", out("export.onnx").string(), "-o", out("optimized.onnx").string()});
  EXPECT_LT(optimized.peak_kib, kMostKib);
  // The weights are where they were.
  EXPECT_LT(fs::file_size(out("export.onnx")), kMegabyte);
  EXPECT_LT(fs::file_size(out("optimized.onnx")), 3 * kMegabyte);
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_ / "out"), {}), 3);
}

INSTANTIATE_TEST_SUITE_P(Modes, FiveGigabytes,
                         testing::Values(Case{"F32", "reference"}, Case{"F32", "external"},
                                         Case{"BF16", "reference"}, Case{"F16", "reference"}),
                         [](const auto& info) {
                           return std::string(info.param.dtype) + "_" + info.param.mode;
                         });

class PastTwoGigabytes : public LargeModel, public testing::WithParamInterface<const char*> {
 protected:
  // A table of 2.4 GB of which a picture's brightness chooses a row, and two small matrices.
  void make_table_model() {
    make(R"(graph:
  - x = Reshape(pixel_values, [-1, 64])
  - row = Cast(ReduceMax(x, axes=[1], keepdims=0), to='int64')
  - x = Concat(linear(x) @ hidden, Gather($table, row), axis=1)
  - x = linear(Relu(x)) @ classifier
)",
         "F32",
         {{"hidden.weight", {16, 64}},
          {"hidden.bias", {16}},
          {"classifier.weight", {10, 1040}},
          {"classifier.bias", {10}},
          {"table", {600'000, 1024}}});
  }
};

TEST_P(PastTwoGigabytes, GoThroughEveryCommand) {
  make_table_model();
  const std::string model = (directory_ / "model").string();
  const std::string images = (kExample / "data/test").string();
  const Words build = {"build",
                       "-m",
                       model,
                       "-o",
                       (directory_ / "out").string(),
                       "--weights",
                       GetParam(),
                       "--calibration",
                       (kExample / "data/calibration").string()};
  run(build);
  const bool copied = std::string(GetParam()) == "external";
  const char* const data = copied ? "export.onnx.data" : "model.safetensors";
  EXPECT_GT(fs::file_size(out(data)), 2400 * kMegabyte);
  // The second time nothing is done, and the same is said.
  for (int i = 0; i < 2; ++i) {
    const Value manifest = parse_json(read_text(out("manifest.json")), "manifest.json");
    EXPECT_EQ(manifest.find("model_data")->to_json(), "[\"" + std::string(data) + "\"]");
    run(build);
  }
  for (const char* name : {"export.onnx", "optimized.onnx", "quantized.onnx", "model.onnx"}) {
    EXPECT_LT(fs::file_size(out(name)), kMegabyte) << name;
    run({"inspect", "-m", out(name).string()});
  }
  run({"verify", out("export.onnx").string(), out("optimized.onnx").string(), "--data", images,
       "--max-difference", "1e-5"});
  run({"verify", out("export.onnx").string(), out("model.onnx").string(), "--data", images,
       "--min-sqnr", "20"});
  run({"perf", out("optimized.onnx").string(), out("model.onnx").string()});
  run({"eval", "-m", (directory_ / "out").string(), "--data", images});
  const std::string image = fs::directory_iterator(kExample / "data/test/7")->path().string();
  run({"run", "-m", (directory_ / "out").string(), image});

  // A data file that is gone, and one that is another, is noticed and made anew.
  fs::remove(out(data));
  run(build);
  EXPECT_GT(fs::file_size(out(data)), 2400 * kMegabyte);
  run({"verify", out("export.onnx").string(), out("model.onnx").string(), "--data", images,
       "--min-sqnr", "20"});
}

INSTANTIATE_TEST_SUITE_P(Modes, PastTwoGigabytes, testing::Values("reference", "external"),
                         [](const auto& info) { return std::string(info.param); });

using TooLargeToEmbed = PastTwoGigabytes;
INSTANTIATE_TEST_SUITE_P(Once, TooLargeToEmbed, testing::Values("embed"));

TEST_P(TooLargeToEmbed, TheErrorSaysWhatElseThereIs) {
  make_table_model();
  const ProgramResult refused = run_program({"export", "-m", (directory_ / "model").string(), "-o",
                                             out("model.onnx").string(), "--weights", "embed",
                                             "--rules", (directory_ / "rules").string()});
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.err.find("--weights external"), std::string::npos) << refused.err;
  EXPECT_FALSE(fs::exists(out("model.onnx")));
}

}  // namespace
}  // namespace switchyard
