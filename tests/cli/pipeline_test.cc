// From the bundled checkpoint to int8 and labels, with the built program and with the installed
// one.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "engine/json.h"
#include "tests/support/temporary_directory.h"
#include "tests/cli/homemade_model.h"
#include "tests/cli/run_program.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

const fs::path kExample = fs::path(SWITCHYARD_SOURCE_DIR) / "examples/digits-resnet";

Value manifest_of(const fs::path& out) { return parse_json(read_text(out / "manifest.json"), "m"); }

const Value& stage(const Value& manifest, const std::string& name) {
  for (const Value& stage : manifest.find("stages")->as_list()) {
    if (*stage.find("name") == Value(name)) return stage;
  }
  throw std::runtime_error("no stage " + name);
}

class Pipeline : public testing::Test {
 protected:
  ProgramResult build(const Words& more = {}) {
    Words arguments = {"build", "-m", kExample.string(), "-o", out.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
  // Which stages an earlier build had done already.
  std::vector<bool> reused() const {
    std::vector<bool> list;
    const Value manifest = manifest_of(out);
    for (const char* name : {"export", "optimize", "quantize"}) {
      const Value* flag = stage(manifest, name).find("reused");
      list.push_back(flag != nullptr && flag->as_bool());
    }
    return list;
  }

  using Flags = std::vector<bool>;
  TemporaryDirectory directory;
  fs::path out = directory / "out";
  const Words images = {"--calibration", (kExample / "data/calibration").string()};
};

TEST_F(Pipeline, BuildsRunsEvaluatesAndVerifies) {
  const ProgramResult built = build(images);
  ASSERT_EQ(built.status, 0) << built.err;
  for (const char* name : {"build.json", "manifest.json", "export.onnx", "optimized.onnx",
                           "quantized.onnx", "model.onnx", "config.json"}) {
    EXPECT_TRUE(fs::exists(out / name)) << name;
    EXPECT_TRUE(fs::path(name).extension() != ".onnx" || built.out.find(name) != std::string::npos)
        << built.out;
  }
  const Value configuration = parse_json(read_text(out / "build.json"), "build.json");
  EXPECT_EQ(*configuration.find_path("precision.precision"), Value("int8"));
  const Value calibration = *stage(manifest_of(out), "quantize").find("calibration");
  EXPECT_EQ(*calibration.find("used"), Value("image-folder"));

  const std::string seven = fs::directory_iterator(kExample / "data/test/7")->path().string();
  const std::string one = fs::directory_iterator(kExample / "data/test/1")->path().string();
  const ProgramResult ran =
      run_program({"run", "-m", out.string(), "--top-k", "3", "-f", "json", seven, one});
  ASSERT_EQ(ran.status, 0) << ran.err;
  const Value predictions = parse_json(ran.out, "predictions");
  ASSERT_EQ(predictions.as_list().size(), 2u);
  EXPECT_EQ(*predictions.find_path("0.input"), Value(seven));
  EXPECT_EQ(predictions.find_path("0.predictions")->as_list().size(), 3u);
  EXPECT_EQ(*predictions.find_path("0.predictions.0.label"), Value("7"));
  EXPECT_EQ(*predictions.find_path("1.predictions.0.label"), Value("1"));

  for (const char* model : {"export.onnx", "model.onnx"}) {
    const ProgramResult measured = run_program({"eval", "-m", (out / model).string(), "--data",
                                                (kExample / "data/test").string(), "-f", "json"});
    ASSERT_EQ(measured.status, 0) << measured.err;
    EXPECT_GE(parse_json(measured.out, "eval").find("top1")->as_double(), 0.9) << model;
  }

  const Words verify = {"verify", (out / "export.onnx").string(), (out / "model.onnx").string()};
  EXPECT_EQ(run_program(verify).status, 0);
  Words strict = verify;
  strict.insert(strict.end(), {"--min-sqnr", "200"});
  const ProgramResult missed = run_program(strict);
  EXPECT_EQ(missed.status, 3) << missed.err;
  EXPECT_NE(missed.out.find("200"), std::string::npos) << missed.out;

  const ProgramResult graph = run_program({"inspect", "-m", (out / "model.onnx").string()});
  EXPECT_EQ(graph.status, 0) << graph.err;
  EXPECT_NE(graph.out.find("pixel_values"), std::string::npos) << graph.out;
}

TEST_F(Pipeline, DoesOnlyWhatHasChanged) {
  ASSERT_EQ(build(images).status, 0);
  EXPECT_EQ(reused(), (Flags{false, false, false}));
  ASSERT_EQ(build(images).status, 0);
  EXPECT_EQ(reused(), (Flags{true, true, true}));
  ASSERT_EQ(build({"--calibration", (kExample / "data/test/0").string()}).status, 0);
  EXPECT_EQ(reused(), (Flags{true, true, false}));
  // A build that was killed after optimizing.
  fs::remove(out / "quantized.onnx");
  fs::remove(out / "model.onnx");
  ASSERT_EQ(build({"--calibration", (kExample / "data/test/0").string()}).status, 0);
  EXPECT_EQ(reused(), (Flags{true, true, false}));
  EXPECT_TRUE(fs::exists(out / "model.onnx"));
  ASSERT_EQ(build({"--calibration", (kExample / "data/test/0").string(), "--overwrite"}).status, 0);
  EXPECT_EQ(reused(), (Flags{false, false, false}));
}

TEST_F(Pipeline, FloatSkipsQuantizingAndSaysWhy) {
  const ProgramResult built = build({"--precision", "fp32"});
  ASSERT_EQ(built.status, 0) << built.err;
  const Value manifest = manifest_of(out);
  EXPECT_EQ(*stage(manifest, "quantize").find("status"), Value("skipped"));
  EXPECT_NE(stage(manifest, "quantize").find("reason")->as_string().find("fp32"),
            std::string::npos);
  EXPECT_FALSE(fs::exists(out / "quantized.onnx"));
  EXPECT_EQ(read_text(out / "model.onnx"), read_text(out / "optimized.onnx"));
}

TEST_F(Pipeline, TextForAnImageModelFallsBackToRandomData) {
  write_text(directory / "texts/a.txt", "one\ntwo\nthree\n");
  const ProgramResult built = build({"--calibration", (directory / "texts").string()});
  ASSERT_EQ(built.status, 0) << built.err;
  EXPECT_NE(built.err.find("switchyard: warning: "), std::string::npos) << built.err;
  const Value calibration = *stage(manifest_of(out), "quantize").find("calibration");
  EXPECT_EQ(*calibration.find("used"), Value("random"));
  EXPECT_NE(calibration.find("reason")->as_string(), "");
}

TEST_F(Pipeline, AFailingStageKeepsWhatWasThere) {
  ASSERT_EQ(build({"--precision", "fp32"}).status, 0);
  fs::create_directories(directory / "images");
  write_text(directory / "images/broken.png", "no picture");
  const ProgramResult failed = build({"--calibration", (directory / "images").string()});
  EXPECT_EQ(failed.status, 1);
  EXPECT_NE(failed.err.find("'quantize'"), std::string::npos) << failed.err;
  EXPECT_NE(failed.err.find("digits-resnet"), std::string::npos) << failed.err;
  const Value manifest = manifest_of(out);
  EXPECT_EQ(*stage(manifest, "quantize").find("status"), Value("failed"));
  EXPECT_EQ(*stage(manifest, "optimize").find("status"), Value("done"));
  EXPECT_TRUE(fs::exists(out / "optimized.onnx"));
  EXPECT_FALSE(fs::exists(out / "quantized.onnx"));
}

TEST_F(Pipeline, AnotherModelDoesNotTakeTheDirectory) {
  ASSERT_EQ(build({"--precision", "fp32"}).status, 0);
  fs::copy(kExample / "config.json", directory / "config.json");
  fs::copy(kExample / "model.safetensors", directory / "model.safetensors");
  const Words other = {"build",       "-m",  directory.path().string(), "-o", out.string(),
                       "--precision", "fp32"};
  EXPECT_EQ(run_program(other).status, 2);
}

TEST_F(Pipeline, TwoBuildsDoNotShareADirectory) {
  fs::create_directories(out);
  const int held = open(out.c_str(), O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(flock(held, LOCK_EX), 0);
  const ProgramResult second = build();
  close(held);
  EXPECT_EQ(second.status, 1);
  EXPECT_NE(second.err.find("another build"), std::string::npos) << second.err;
}

TEST_F(Pipeline, ExportWritesAFileOrADirectory) {
  const Words model = {"export", "-m", kExample.string(), "-o"};
  const auto to = [&](const fs::path& target, const Words& more = {}) {
    Words arguments = model;
    arguments.push_back(target.string());
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  };
  EXPECT_EQ(to(directory / "a.onnx", {"--weights", "embed"}).status, 0);
  EXPECT_TRUE(fs::is_regular_file(directory / "a.onnx"));
  EXPECT_EQ(to(directory / "a.onnx").status, 2);
  EXPECT_EQ(to(directory / "a.onnx", {"--overwrite"}).status, 0);
  const ProgramResult made = to(out, {"--weights", "reference"});
  EXPECT_EQ(made.status, 0) << made.err;
  EXPECT_TRUE(fs::exists(out / "model.onnx"));
  EXPECT_TRUE(fs::exists(out / "config.json"));
  EXPECT_EQ(
      run_program({"verify", (directory / "a.onnx").string(), out.string(), "--min-sqnr", "100"})
          .status,
      0);
}

TEST_F(Pipeline, OptimizeAndQuantizeStandAlone) {
  ASSERT_EQ(run_program({"export", "-m", kExample.string(), "-o", out.string()}).status, 0);
  const std::string optimized = (out / "optimized.onnx").string();
  const ProgramResult first =
      run_program({"optimize", "-m", (out / "model.onnx").string(), "-o", optimized});
  ASSERT_EQ(first.status, 0) << first.err;
  const ProgramResult second =
      run_program({"quantize", "-m", optimized, "-o", (out / "int8.onnx").string(), "--calibration",
                   (kExample / "data/calibration").string()});
  ASSERT_EQ(second.status, 0) << second.err;
  const ProgramResult compared =
      run_program({"verify", optimized, (out / "int8.onnx").string(), "--data",
                   (kExample / "data/test").string(), "--min-agreement", "0.9"});
  EXPECT_EQ(compared.status, 0) << compared.out << compared.err;
}

// A video model: its pixel_values have five dimensions, an image has four.
TEST(PipelineFallback, ImagesForAVideoModelFallBackToRandomData) {
  const HomemadeModel video("pixel_values", {{"conv.weight", {4, 3, 3, 3}}, {"fc.weight", {2, 4}}},
                            R"(
use: [linear]
inputs:
  pixel_values: {dtype: float32, dims: [batch_size, num_frames, 3, 8, 8]}
graph:
  - x = Reshape(pixel_values, [-1, 3, 8, 8])
  - x = Conv(x, $conv.weight, kernel_shape=[3, 3])
  - x = Reshape(GlobalAveragePool(x), [-1, 4])
  - x = linear(x) @ fc
heads:
  image-feature-extraction:
    outputs: {pooler_output: x}
)");
  const fs::path out = video.directory / "out";
  const ProgramResult built =
      run_program({"build", "-m", video.model(), "-o", out.string(), "--rules", video.rules(),
                   "--calibration", (kExample / "data/calibration").string()});
  ASSERT_EQ(built.status, 0) << built.err;
  EXPECT_NE(built.err.find("switchyard: warning: "), std::string::npos) << built.err;
  const Value calibration = *stage(manifest_of(out), "quantize").find("calibration");
  EXPECT_EQ(*calibration.find("requested"), Value("image-folder"));
  EXPECT_EQ(*calibration.find("used"), Value("random"));
  EXPECT_NE(calibration.find("reason")->as_string().find("pixel_values"), std::string::npos)
      << calibration.to_json();
}

class Overlay : public testing::Test {
 protected:
  void expect_export(const std::string& program) {
    ProgramInput input;
    input.program = program;
    input.directory = "/";
    const std::string file = (homemade.directory / "x.onnx").string();
    const ProgramResult exported = run_program(
        {"export", "-m", homemade.model(), "-o", file, "--rules", homemade.rules()}, input);
    ASSERT_EQ(exported.status, 0) << exported.err;
    const ProgramResult inspected = run_program({"inspect", "-m", file}, input);
    EXPECT_NE(inspected.out.find("[batch_size, 96]"), std::string::npos)
        << inspected.out << inspected.err;
    // The same through the environment, and without the overlay nothing is known of it.
    input.environment = {"SWITCHYARD_RULES=" + homemade.rules()};
    const Words show = {"inspect", "-m", homemade.model(), "-f", "json"};
    EXPECT_EQ(*parse_json(run_program(show, input).out, "o").find("recipe"), Value("homemade"));
    input.environment.clear();
    EXPECT_EQ(run_program(show, input).status, 1);
  }

  HomemadeModel homemade{"features", {{"fc.weight", {10, 96}}, {"fc.bias", {10}}}, R"(
use: [linear]
inputs:
  features: {dtype: float32, dims: [batch_size, 96]}
graph:
  - x = linear(features) @ fc
heads:
  feature-extraction:
    outputs: {last_hidden_state: x}
)"};
};

TEST_F(Overlay, WorksWithTheBuiltProgram) { expect_export(""); }

TEST_F(Overlay, WorksWithTheInstalledProgram) {
  const fs::path& directory = homemade.directory.path();
  const fs::path prefix = directory / "prefix";
  const std::string command = std::string(SWITCHYARD_CMAKE) + " --install " +
                              SWITCHYARD_BINARY_DIR + " --prefix " + prefix.string() + " > " +
                              (directory / "install.log").string() + " 2>&1";
  ASSERT_EQ(std::system(command.c_str()), 0) << read_text(directory / "install.log");
  for (const char* file :
       {"bin/switchyard", "lib/libswitchyard.so", "lib/switchyard/libswitchyard-stages.so",
        "lib/switchyard/libonnxruntime.so.1", "include/switchyard/stages/resolve/resolve.h",
        "lib/cmake/switchyard/switchyardConfig.cmake"}) {
    EXPECT_TRUE(fs::exists(prefix / file)) << file;
  }
  expect_export((prefix / "bin/switchyard").string());
}

}  // namespace
}  // namespace switchyard
