#include "stages/runtime/random_inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/defs/parser.h>

#include <cmath>
#include <fstream>

#include "engine/error.h"
#include "stages/runtime/model_file.h"
#include "stages/runtime/perf.h"

namespace switchyard {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Kind = InputPlan::Kind;

class RandomInputsTest : public ::testing::Test {
 protected:
  std::filesystem::path model(const std::string& name, const std::string& text) {
    onnx::ModelProto proto;
    const auto status = onnx::OnnxParser::Parse(
        proto, ("<ir_version: 8, opset_import: [\"\" : 17]>" + text).c_str());
    EXPECT_TRUE(status.IsOK()) << status.ErrorMessage();
    const std::filesystem::path file =
        std::filesystem::path(::testing::TempDir()) / ("random_inputs_" + name + ".onnx");
    for (auto& [tensor, dims] : tables_) {
      auto* added = proto.mutable_graph()->add_initializer();
      added->set_name(tensor);
      added->set_data_type(onnx::TensorProto::FLOAT);
      std::int64_t count = 1;
      for (const std::int64_t d : dims) {
        added->add_dims(d);
        count *= d;
      }
      for (std::int64_t i = 0; i < count; ++i) added->add_float_data(static_cast<float>(i));
    }
    write_model(proto, file);
    return file;
  }

  std::map<std::string, std::vector<std::int64_t>> tables_;
};

TEST_F(RandomInputsTest, TextInputsStayWithinTheirTables) {
  tables_ = {{"words", {50, 4}}, {"types", {2, 4}}, {"positions", {12, 4}}};
  const auto file = model("text", R"(
    text (int64[batch_size, sequence_length] input_ids, int64[batch_size, sequence_length] attention_mask,
          int64[batch_size, sequence_length] token_type_ids, int64[batch_size, sequence_length] position_ids)
      => (float[batch_size, sequence_length, c] y, int64[batch_size, sequence_length] m) {
      flat = Cast<to = 6>(input_ids)
      a = Gather(words, flat)
      b = Gather(types, token_type_ids)
      c = Gather(positions, position_ids)
      ab = Add(a, b)
      y = Add(ab, c)
      m = Identity(attention_mask)
    })");
  const auto plan = plan_inputs(file);
  ASSERT_EQ(plan.size(), 4u);
  // The position table has 12 rows, fewer than the 16 hinted.
  EXPECT_THAT(plan[0].shape, ElementsAre(1, 12));
  EXPECT_EQ(plan[0].high, 49);
  EXPECT_EQ(plan[1].kind, Kind::kOnes);
  EXPECT_EQ(plan[2].high, 1);
  EXPECT_EQ(plan[3].kind, Kind::kRange);

  InputHints hints;
  hints.dims["batch_size"] = 3;
  const NamedTensors drawn = draw_inputs(plan_inputs(file, hints), 7);
  EXPECT_THAT(drawn.at("input_ids").shape, ElementsAre(3, 12));
  EXPECT_EQ(drawn.at("position_ids").as<std::int64_t>()[13], 1);
  // The graph itself is the judge of the ranges.
  const NamedTensors out = Session(file).run(drawn);
  EXPECT_THAT(out.at("y").shape, ElementsAre(3, 12, 4));
}

TEST_F(RandomInputsTest, PicturesTakeTheHintedSize) {
  InputHints hints;
  hints.height = 32;
  hints.width = 48;
  hints.batch = 2;
  const auto named = plan_inputs(model("named", R"(
      net (float[batch_size, num_channels, height, width] pixel_values) => (float[n, c, h, w] y) {
        y = Relu(pixel_values) })"),
                                 hints);
  EXPECT_THAT(named[0].shape, ElementsAre(2, 3, 32, 48));
  const auto fixed = plan_inputs(
      model("fixed", "net (float[n, 1, 8, 8] x) => (float[n, 1, 8, 8] y) { y = Relu(x) }"), hints);
  EXPECT_THAT(fixed[0].shape, ElementsAre(2, 1, 8, 8));
}

TEST_F(RandomInputsTest, DrawsAreNormalAndRepeatable) {
  const std::vector<InputPlan> plan = {{"x", "float32", {100, 100}, Kind::kNormal},
                                       {"h", "float16", {4}, Kind::kNormal},
                                       {"flag", "bool", {3}, Kind::kOnes}};
  const NamedTensors drawn = draw_inputs(plan, 5);
  const float* x = drawn.at("x").as<float>();
  double sum = 0, squares = 0;
  for (int i = 0; i < 10000; ++i) {
    sum += x[i];
    squares += static_cast<double>(x[i]) * x[i];
  }
  EXPECT_NEAR(sum / 10000, 0.0, 0.05);
  EXPECT_NEAR(squares / 10000, 1.0, 0.05);
  EXPECT_EQ(drawn.at("flag").as<std::uint8_t>()[2], 1);
  EXPECT_EQ(drawn.at("h").bytes.size(), 8u);
  EXPECT_EQ(draw_inputs(plan, 5).at("x").bytes, drawn.at("x").bytes);
  EXPECT_NE(draw_inputs(plan, 6).at("x").bytes, drawn.at("x").bytes);
  // The very numbers are part of the contract: manifests of other machines rely on them.
  EXPECT_NEAR(x[0], -0.460076f, 1e-6);
}

TEST_F(RandomInputsTest, RefusesWhatIsNoModel) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "random_inputs_text.txt";
  std::ofstream(file) << "version https://git-lfs.github.com/spec/v1\n";
  try {
    plan_inputs(file);
    FAIL() << "no error";
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("random_inputs_text.txt: this is not an ONNX model"));
  }
}

TEST_F(RandomInputsTest, PerfComparesTwoGraphsOnTheSameInputs) {
  tables_ = {{"w", {64, 64}}};
  const auto light = model("light", "net (float[n, 64] x) => (float[n, 64] y) { y = Relu(x) }");
  std::string chain = "net (float[n, 64] x) => (float[n, 64] y) { a0 = Relu(x)\n";
  for (int i = 0; i < 60; ++i) {
    chain += "a" + std::to_string(i + 1) + " = MatMul(a" + std::to_string(i) + ", w)\n";
  }
  const auto heavy = model("heavy", chain + "y = Relu(a60) }");
  PerfOptions options;
  options.hints.batch = 32;
  options.runs = 11;
  options.threads = 1;
  const PerfResult result = compare_latency(light, heavy, options);
  EXPECT_EQ(result.runs, 11);
  EXPECT_GT(result.ratio, 1.0);
  EXPECT_LE(result.a.p10_ms, result.a.median_ms);
  EXPECT_LE(result.a.median_ms, result.a.p90_ms);
  EXPECT_GT(measure_latency(heavy, options).median_ms, 0.0);
  const auto other = model("other", "net (float[n, 64] z) => (float[n, 64] y) { y = Relu(z) }");
  EXPECT_THROW(compare_latency(light, other, options), Error);
}

}  // namespace
}  // namespace switchyard
