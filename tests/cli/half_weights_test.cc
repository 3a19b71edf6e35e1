// 16-bit checkpoints: whatever way the weights are written, the numbers are the same through every
// stage.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/cli/run_program.h"
#include "tests/cli/weight_files.h"
#include "tests/support/temporary_directory.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

struct Example {
  const char* name;
  const char* checkpoint;   // below the sources
  const char* calibration;  // images
  const char* rules;        // an overlay; empty: none
};

void PrintTo(const Example& example, std::ostream* out) { *out << example.name; }

class HalfWeights : public testing::TestWithParam<std::tuple<Example, std::string>> {};

TEST_P(HalfWeights, GiveTheSameNumbersInEveryMode) {
  const auto& [example, dtype] = GetParam();
  const fs::path sources = SWITCHYARD_SOURCE_DIR;
  if (!fs::exists(sources / example.checkpoint / "model.safetensors")) {
    GTEST_SKIP() << example.checkpoint << " is not here";
  }
  TemporaryDirectory directory;
  narrow_checkpoint(sources / example.checkpoint, directory / "model", dtype);
  for (const char* mode : {"embed", "reference", "external"}) {
    std::vector<std::string> build = {"build",
                                      "-m",
                                      (directory / "model").string(),
                                      "-o",
                                      (directory / mode).string(),
                                      "--weights",
                                      mode,
                                      "--calibration",
                                      (sources / example.calibration).string()};
    if (*example.rules != '\0') {
      build.insert(build.end(), {"--rules", (sources / example.rules).string()});
    }
    const ProgramResult built = run_program(build);
    ASSERT_EQ(built.status, 0) << mode << ": " << built.err;
  }
  for (const char* mode : {"reference", "external"}) {
    for (const char* stage : {"export.onnx", "optimized.onnx", "quantized.onnx"}) {
      const ProgramResult compared = run_program({"verify", (directory / "embed" / stage).string(),
                                                  (directory / mode / stage).string(), "--samples",
                                                  "4", "--max-difference", "0"});
      EXPECT_EQ(compared.status, 0) << mode << ' ' << stage << ": " << compared.out << compared.err;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Examples, HalfWeights,
    testing::Combine(testing::Values(Example{"digits_resnet", "examples/digits-resnet",
                                             "examples/digits-resnet/data/calibration", ""},
                                     Example{"adding_a_model", "examples/adding-a-model/checkpoint",
                                             "examples/adding-a-model/data/calibration",
                                             "examples/adding-a-model/rules"},
                                     Example{"digits_vit_hf", "../shared/checkpoints/digits-vit-hf",
                                             "examples/digits-resnet/data/calibration", ""}),
                     testing::Values("F16", "BF16")),
    [](const auto& info) {
      return std::string(std::get<0>(info.param).name) + "_" + std::get<1>(info.param);
    });

}  // namespace
}  // namespace switchyard
