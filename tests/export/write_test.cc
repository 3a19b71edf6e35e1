// The files that an export writes, run by ONNX Runtime.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "stages/export/export_graph.h"
#include "stages/export/graph/half.h"
#include "stages/runtime/external_data.h"
#include "engine/file_writer.h"
#include "stages/runtime/session.h"
#include "tests/export/toy.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kRecipe = R"(recipe: toy
inputs: {x: {dtype: float32, dims: [batch_size, 4]}}
graph:
  - y = MatMul(x, $qkv.weight[4:8]) + $bias
heads: {t: {outputs: {y: y}}}
)";

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Write : public testing::TestWithParam<std::string> {
 protected:
  ExportReport export_to(const fs::path& output, WeightMode mode, bool overwrite = false) {
    if (!fs::exists(source())) {
      fs::create_directories(source().parent_path());
      toy::write_checkpoint(source().parent_path(),
                            {{"qkv.weight", {8, 4}, GetParam()}, {"bias", {4}, GetParam()}});
    }
    GraphRequest request{.recipe = "toy", .task = "t", .config = Map()};
    return export_graph(*toy::book(kRecipe), request, Weights::open(source()), output,
                        {mode, overwrite});
  }

  // What the graph should compute for a row of ones, from the definition of the toy's weights.
  static float expected(std::size_t column) {
    float sum = toy::value_of("bias", column);
    for (std::size_t row = 4; row < 8; ++row) sum += toy::value_of("qkv.weight", row * 4 + column);
    return sum;
  }

  static void expect_runs(const fs::path& model) {
    const Session session(model);
    Tensor x{.shape = {2, 4}};
    x.bytes.resize(32);
    for (int i = 0; i < 8; ++i) x.as<float>()[i] = 1;
    const NamedTensors out = session.run({{"x", x}});
    ASSERT_EQ(out.at("y").shape, (std::vector<std::int64_t>{2, 4}));
    for (std::size_t i = 0; i < 8; ++i)
      EXPECT_FLOAT_EQ(out.at("y").as<float>()[i], expected(i % 4)) << i;
  }

  fs::path source() const { return directory_.path() / "checkpoint" / "model.safetensors"; }
  fs::path out(const char* name) const { return directory_.path() / "out" / name; }

  toy::Directory directory_;
};

TEST_P(Write, EmbeddedRuns) {
  const ExportReport report = export_to(out("model.onnx"), WeightMode::kEmbed);
  expect_runs(out("model.onnx"));
  EXPECT_EQ(report.outputs.at(0).name, "y");
  EXPECT_EQ(Value(report.outputs.at(0).dims).to_json(), "[\"batch_size\",4]");
  EXPECT_EQ(std::distance(fs::directory_iterator(out("")), {}), 1);
}

TEST_P(Write, ReferencedRunsFromALinkBesideIt) {
  export_to(out("model.onnx"), WeightMode::kReference);
  const fs::path link = out("model.safetensors");
  ASSERT_TRUE(fs::is_regular_file(fs::symlink_status(link)));
  EXPECT_EQ(read_file(link), read_file(source()));
  expect_runs(out("model.onnx"));
  EXPECT_EQ(std::distance(fs::directory_iterator(out("")), {}), 2);
}

TEST_P(Write, ExternalRunsFromItsDataFile) {
  const ExportReport report = export_to(out("model.onnx"), WeightMode::kExternal);
  EXPECT_THAT(report.data, testing::ElementsAre("model.onnx.data"));
  EXPECT_EQ(std::distance(fs::directory_iterator(out("")), {}), 2);
  fs::remove_all(source().parent_path());
  expect_runs(out("model.onnx"));
  // 16 floats of the matrix, on the next page 4 of the bias, whatever the checkpoint stores.
  EXPECT_EQ(fs::file_size(out("model.onnx.data")), 4096u + 16u);
}

TEST_P(Write, EqualInputsGiveEqualFiles) {
  for (const WeightMode mode :
       {WeightMode::kEmbed, WeightMode::kReference, WeightMode::kExternal}) {
    export_to(out("a/model.onnx"), mode, true);
    export_to(out("b/model.onnx"), mode, true);
    EXPECT_EQ(read_file(out("a/model.onnx")), read_file(out("b/model.onnx")));
  }
  EXPECT_EQ(read_file(out("a/model.onnx.data")), read_file(out("b/model.onnx.data")));
}

INSTANTIATE_TEST_SUITE_P(Dtypes, Write, testing::Values("F32", "F16", "BF16", "F64"));

using WriteOnce = Write;
INSTANTIATE_TEST_SUITE_P(F32, WriteOnce, testing::Values("F32"));

TEST_P(WriteOnce, BesideItsOwnCheckpoint) {
  export_to(source().parent_path() / "model.onnx", WeightMode::kReference);
  EXPECT_EQ(fs::hard_link_count(source()), 1u);
  expect_runs(source().parent_path() / "model.onnx");
}

TEST_P(WriteOnce, AnotherFileKeepsItsName) {
  fs::create_directories(out(""));
  std::ofstream(out("model.safetensors")) << "somebody else's";
  export_to(out("model-2.onnx"), WeightMode::kReference);
  EXPECT_EQ(read_file(out("model.safetensors")), "somebody else's");
  EXPECT_TRUE(fs::exists(out("model-2.safetensors")));
  expect_runs(out("model-2.onnx"));
}

TEST_P(WriteOnce, FromACacheOfSymbolicLinks) {
  const fs::path cache = directory_.path() / "cache";
  fs::create_directories(cache / "blobs");
  fs::create_directories(cache / "snapshots");
  fs::rename(toy::write_checkpoint(cache, {{"qkv.weight", {8, 4}}, {"bias", {4}}}),
             cache / "blobs" / "0123abcd");
  fs::create_symlink("../blobs/0123abcd", cache / "snapshots" / "model.safetensors");
  GraphRequest request{.recipe = "toy", .task = "t", .config = Map()};
  export_graph(*toy::book(kRecipe), request,
               Weights::open(cache / "snapshots" / "model.safetensors"), out("model.onnx"),
               {WeightMode::kReference, false});
  EXPECT_FALSE(fs::is_symlink(out("model.safetensors")));
  expect_runs(out("model.onnx"));
}

TEST_P(WriteOnce, KeepsWhatIsThere) {
  export_to(out("model.onnx"), WeightMode::kEmbed);
  const std::string before = read_file(out("model.onnx"));
  EXPECT_THAT(toy::error_of([&] { export_to(out("model.onnx"), WeightMode::kEmbed); }),
              HasSubstr("--overwrite"));
  const std::string broken = toy::error_of([&] {
    GraphRequest request{.recipe = "toy", .task = "u", .config = Map()};
    export_graph(*toy::book(kRecipe), request, Weights::open(source()), out("model.onnx"),
                 {WeightMode::kEmbed, true});
  });
  EXPECT_THAT(broken, HasSubstr("no head for the task 'u'"));
  EXPECT_EQ(read_file(out("model.onnx")), before);
}

// As if killed: the new data has its name already, the new graph has not.
TEST_P(WriteOnce, AnInterruptedOverwriteLeavesTheEarlierPair) {
  export_to(out("model.onnx"), WeightMode::kExternal);
  const std::string data = read_file(out("model.onnx.data"));
  for (int attempt = 0; attempt < 2; ++attempt) {
    EXPECT_THROW(write_with_data(
                     out("model.onnx"),
                     [](const fs::path& draft) { std::ofstream(draft) << std::string(5000, 'x'); },
                     [](const fs::path&) { throw std::runtime_error("killed"); }),
                 std::runtime_error);
    EXPECT_EQ(read_file(out("model.onnx.data")), std::string(5000, 'x'));
    expect_runs(out("model.onnx"));
  }
  export_to(out("model.onnx"), WeightMode::kExternal, true);
  EXPECT_EQ(read_file(out("model.onnx.data")), data);
  EXPECT_EQ(std::distance(fs::directory_iterator(out("")), {}), 2) << "the old data is left";
  expect_runs(out("model.onnx"));
}

TEST_P(WriteOnce, AnotherModeRemovesTheDataFile) {
  for (const WeightMode mode : {WeightMode::kEmbed, WeightMode::kReference}) {
    export_to(out("model.onnx"), WeightMode::kExternal, true);
    EXPECT_TRUE(fs::exists(out("model.onnx.data")));
    export_to(out("model.onnx"), mode, true);
    EXPECT_FALSE(fs::exists(out("model.onnx.data")));
    expect_runs(out("model.onnx"));
  }
  // A file of that name which no graph reads is somebody else's.
  std::ofstream(out("model.onnx.data")) << "somebody else's";
  export_to(out("model.onnx"), WeightMode::kEmbed, true);
  EXPECT_EQ(read_file(out("model.onnx.data")), "somebody else's");
}

TEST(FileWriter, KeepsHoles) {
  toy::Directory directory;
  const fs::path source = directory.path() / "source";
  constexpr std::uint64_t kSize = 64 << 20;
  std::ofstream(source) << "head";
  fs::resize_file(source, kSize);
  std::ofstream(source, std::ios::app) << "tail";
  FileWriter file(directory.path() / "target");
  file.append("here: ");
  file.append_file(source, 2, kSize + 2);
  file.append_zeros(10);
  file.close();
  const std::string target = read_file(directory.path() / "target");
  EXPECT_TRUE(target == "here: " + read_file(source).substr(2) + std::string(10, '\0'));
  struct stat before {};
  struct stat after {};
  ASSERT_EQ(stat(source.c_str(), &before), 0);
  ASSERT_EQ(stat((directory.path() / "target").c_str(), &after), 0);
  if (before.st_blocks * 512 > 1 << 20) GTEST_SKIP() << "this file system keeps no holes";
  EXPECT_LT(after.st_blocks * 512, 1 << 20);
}

TEST(FileWriter, LeavesNothingOfASourceThatIsTooShort) {
  toy::Directory directory;
  std::ofstream(directory.path() / "source") << "0123456789";
  for (const std::uint64_t bytes : {11u, 1u << 20}) {
    EXPECT_THAT(toy::error_of([&] {
                  FileWriter file(directory.path() / "target");
                  file.append("head");
                  file.append_file(directory.path() / "source", 0, bytes);
                }),
                HasSubstr("became shorter"));
    EXPECT_FALSE(fs::exists(directory.path() / "target"));
  }
  FileWriter file(directory.path() / "target");
  file.append("head ");
  file.append_file(directory.path() / "source", 3, 4);
  file.append(" tail");
  file.close();
  EXPECT_EQ(read_file(directory.path() / "target"), "head 3456 tail");
}

TEST(Half, AgreesWithArithmetic) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = graph::half_to_float(half);
    if (value != value) continue;
    EXPECT_EQ(graph::float_to_half(value), half);
  }
  EXPECT_EQ(graph::float_to_half(1.0f + 0x1p-11f), 0x3c00);  // a tie goes to even
  EXPECT_EQ(graph::float_to_half(1.0f + 0x3p-11f), 0x3c02);
  EXPECT_EQ(graph::float_to_half(65520.0f), 0x7c00);
  EXPECT_EQ(graph::float_to_bfloat16(1.0f + 0x1p-8f), 0x3f80);
}

}  // namespace
}  // namespace switchyard
