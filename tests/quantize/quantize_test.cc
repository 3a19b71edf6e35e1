#include "stages/quantize/quantize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/checker.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "stages/export/graph/half.h"
#include "stages/runtime/model_file.h"
#include "stages/runtime/session.h"
#include "stages/verify/verify.h"
#include "tests/quantize/models.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using namespace testing_models;

class QuantizeTest : public ::testing::Test {
 protected:
  void SetUp() override { folder_ = fresh_folder(); }

  fs::path input() const { return folder_ / "optimized.onnx"; }
  fs::path output() const { return folder_ / "quantized.onnx"; }

  QuantizeReport quantize(const onnx::ModelProto& model, const QuantizeOptions& options = {},
                          int samples = 8) {
    write_model(model, input());
    hints_.height = hints_.width = 16;
    hints_.batch = 4;
    RandomSource source(plan_inputs(input(), hints_), samples);
    return quantize_model(input(), output(), source, options);
  }

  // On data that calibration has not seen.
  double sqnr_db() const {
    RandomSource source(plan_inputs(input(), hints_), 4, 1000);
    return verify_models(input(), output(), source).outputs[0].sqnr_db;
  }

  fs::path folder_;
  InputHints hints_;
};

onnx::ModelProto conv_net() {
  onnx::ModelProto model = parse(R"(
    net (float[batch, 3, height, width] pixels) => (float[batch, 10] logits) {
      s = Conv<pads = [1, 1, 1, 1], strides = [2, 2]>(pixels, w0, b0)
      sr = Relu(s)
      p = MaxPool<kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]>(sr)
      a = Conv<pads = [1, 1, 1, 1], group = 16>(p, w1, b1)
      low = Constant<value_float = 0.0>()
      high = Constant<value_float = 6.0>()
      ar = Clip(a, low, high)
      b = Conv<group = 2>(ar, w2, b2)
      sum = Add(b, p)
      r = Relu(sum)
      g = GlobalAveragePool(r)
      f = Flatten(g)
      logits = Gemm<transB = 1>(f, w3, b3)
    })");
  add_weight(model, "w0", {16, 3, 3, 3}, 0.3f, 0, 1.1f);
  add_weight(model, "b0", {16}, 0.2f);
  add_weight(model, "w1", {16, 1, 3, 3}, 0.5f, 0, 0.9f);
  add_weight(model, "b1", {16}, 0.2f);
  add_weight(model, "w2", {16, 8, 1, 1}, 0.4f);
  add_weight(model, "b2", {16}, 0.2f);
  add_weight(model, "w3", {10, 16}, 0.5f);
  add_weight(model, "b3", {10}, 0.5f);
  return model;
}

TEST_F(QuantizeTest, ConvNetStaysCloseAndRunsInIntegers) {
  for (const char* type : {"uint8", "int8"}) {
    QuantizeOptions options;
    options.activation_type = type;
    const QuantizeReport report = quantize(conv_net(), options);
    EXPECT_EQ(report.samples, 8u);
    EXPECT_EQ(report.quantized.at("Conv"), 3u);
    EXPECT_EQ(report.quantized.at("Gemm"), 1u);
    EXPECT_EQ(report.quantized.at("Add"), 1u);
    EXPECT_TRUE(report.kept_float.empty());
    EXPECT_TRUE(report.warnings.empty());
    EXPECT_GT(report.calibration_seconds, 0.0);
    EXPECT_GE(report.seconds, report.calibration_seconds);
    EXPECT_GT(sqnr_db(), 27.0) << type;
    EXPECT_NO_THROW(onnx::checker::check_model(output().string()));

    if (options.activation_type == "int8") continue;  // loses fusions on x86
    const auto run = operators_run(output());
    EXPECT_EQ(run.at("QLinearConv"), 3);
    EXPECT_EQ(run.at("QGemm"), 1);
    EXPECT_EQ(run.at("QLinearAdd"), 1);
    EXPECT_EQ(run.at("QuantizeLinear"), 1) << "only the input is quantized at run time";
    EXPECT_FALSE(run.contains("DequantizeLinear"));
    EXPECT_FALSE(run.contains("Relu"));
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 2) << "scratch files are left";
}

// Channels a thousand times apart: one scale for all, or scales along the wrong axis, would show.
TEST_F(QuantizeTest, EveryChannelHasItsOwnScale) {
  struct Case {
    const char* node;
    std::vector<std::int64_t> dims;
    int axis;
    const char* fused;
  };
  const Case cases[] = {
      {"y = Gemm<transB = 1>(x, w, b)", {12, 12}, 0, "QGemm"},
      {"y = Gemm(x, w, b)", {12, 12}, 1, "QGemm"},
      {"y = MatMul(x, w)", {12, 12}, 1, "MatMulIntegerToFloat"},
  };
  for (const Case& c : cases) {
    // What lies far apart is brought together again, so that every channel counts alike.
    onnx::ModelProto model = parse("net (float[n, 12] x) => (float[n, 12] z) {" +
                                   std::string(c.node) + "\n z = Mul(y, level) }");
    add_weight(model, "w", c.dims, 0.5f, c.axis, 2.0f);
    add_weight(model, "b", {12}, 0.5f, 0, 2.0f);
    std::vector<float> level(12);
    for (int i = 0; i < 12; ++i) level[i] = 1.0f / static_cast<float>(1 << i);
    add_weight(model, "level", {12}, level);
    quantize(model);
    EXPECT_GT(sqnr_db(), 35.0) << c.node;
    EXPECT_EQ(operators_run(output())[c.fused], 1) << c.node;
    QuantizeOptions one_scale;
    one_scale.per_channel = false;
    quantize(model, one_scale);
    EXPECT_LT(sqnr_db(), 25.0) << c.node;
  }
}

TEST_F(QuantizeTest, WeightsOutsideTheModelAreReadAndTheRestStaysThere) {
  onnx::ModelProto model = parse(R"(
    net (float[n, 64] x) => (float[n, 64] y) {
      h = Gemm<transB = 1>(x, w, b)
      y = LayerNormalization(h, scale)
    })");
  add_weight(model, "w", {64, 64});
  add_weight(model, "b", {64});
  add_weight(model, "scale", {64});
  move_weights_outside(model, folder_ / "model.safetensors");
  quantize(model);
  EXPECT_GT(sqnr_db(), 35.0);
  onnx::ModelProto quantized;
  read_model(output(), quantized);
  int outside = 0;
  for (const auto& tensor : quantized.graph().initializer()) {
    outside += tensor.data_location() == onnx::TensorProto::EXTERNAL;
    EXPECT_NE(tensor.name(), "w") << "the float weight is no longer referenced";
  }
  EXPECT_EQ(outside, 1) << "the norm's scale";

  fs::create_directories(folder_ / "other");
  RandomSource source(plan_inputs(input()), 1);
  EXPECT_THAT(error_of([&] { quantize_model(input(), folder_ / "other" / "q.onnx", source); }),
              HasSubstr("Write the result into the same directory"));
  fs::resize_file(folder_ / "model.safetensors", 100);
  EXPECT_THAT(error_of([&] { quantize(model); }), HasSubstr("optimized.onnx"));
}

// A referenced 16-bit checkpoint gives the very graph that its float32 copy gives.
TEST_F(QuantizeTest, HalvesBehindACastAreWeights) {
  const std::string anchors = R"(
      h = Gemm<transB = 1>(x, w, b)
      n = LayerNormalization(h, scale)
      y = MatMul(n, v)
    })";
  const char* const signature = "net (float[n, 64] x) => (float[n, 64] y) {";
  const auto values = [](std::size_t count) {
    std::vector<float> exact(count);  // in 16 bits of either kind
    for (std::size_t i = 0; i < count; ++i) exact[i] = static_cast<float>(i % 33) / 16.0f - 1.0f;
    return exact;
  };
  const std::map<std::string, std::vector<std::int64_t>> weights = {
      {"w", {64, 64}}, {"b", {64}}, {"scale", {64}}, {"v", {64, 64}}};
  onnx::ModelProto floats = parse(signature + anchors);
  for (const auto& [name, dims] : weights) {
    add_weight(floats, name, dims, values(dims.size() == 2 ? 4096 : 64));
  }
  const QuantizeReport expected = quantize(floats);
  onnx::ModelProto wanted;
  read_model(output(), wanted);

  for (const int type : {onnx::TensorProto::FLOAT16, onnx::TensorProto::BFLOAT16}) {
    for (const bool inside : {true, false}) {
      std::string casts;
      for (const auto& [name, dims] : weights) {
        casts += name + " = Cast<to = 1>(" + name + "_stored)\n";
      }
      onnx::ModelProto halves = parse(signature + casts + anchors);
      for (const auto& [name, dims] : weights) {
        std::vector<std::uint16_t> stored;
        for (const float value : values(dims.size() == 2 ? 4096 : 64)) {
          stored.push_back(type == onnx::TensorProto::FLOAT16 ? graph::float_to_half(value)
                                                              : graph::float_to_bfloat16(value));
        }
        auto* tensor = halves.mutable_graph()->add_initializer();
        tensor->set_name(name + "_stored");
        tensor->set_data_type(type);
        for (const std::int64_t dim : dims) tensor->add_dims(dim);
        tensor->set_raw_data(stored.data(), stored.size() * 2);
      }
      if (!inside) move_weights_outside(halves, folder_ / "model.safetensors");
      const QuantizeReport report = quantize(halves);
      EXPECT_EQ(report.quantized, expected.quantized);
      EXPECT_EQ(report.float_by_type, expected.float_by_type);
      onnx::ModelProto quantized;
      read_model(output(), quantized);
      // The norm's scale alone stays what it was.
      const std::string cast = "scale = Cast(scale_stored)\n";
      std::string graph = dump(quantized.graph());
      ASSERT_NE(graph.find(cast), std::string::npos) << graph;
      EXPECT_EQ(graph.erase(graph.find(cast), cast.size()), dump(wanted.graph()));
      for (const auto& tensor : wanted.graph().initializer()) {
        if (tensor.name() == "scale") continue;
        const auto same = std::find_if(
            quantized.graph().initializer().begin(), quantized.graph().initializer().end(),
            [&](const auto& other) { return other.name() == tensor.name(); });
        ASSERT_NE(same, quantized.graph().initializer().end()) << tensor.name();
        EXPECT_EQ(same->raw_data(), tensor.raw_data()) << tensor.name();
      }
    }
  }
}

TEST_F(QuantizeTest, WeightsThatDontFitInsideGoBesideTheGraph) {
  onnx::ModelProto model = parse(R"(
    net (float[n, 64] x) => (float[n, 64] y) {
      a = Gemm<transB = 1>(x, w, b)
      y = Gemm<transB = 1>(a, v, b)
    })");
  add_weight(model, "w", {64, 64});
  add_weight(model, "v", {64, 64}, 0.3f);
  add_weight(model, "b", {64});
  EXPECT_TRUE(quantize(model).data.empty());
  const Session inside(output());
  const NamedTensors inputs = draw_inputs(plan_inputs(input()), 7);
  const Tensor wanted = inside.run(inputs).at("y");

  QuantizeOptions options;
  options.most_inside = 2 * 64 * 64 - 1;
  EXPECT_THAT(quantize(model, options).data, ::testing::ElementsAre("quantized.onnx.data"));
  EXPECT_EQ(fs::file_size(folder_ / "quantized.onnx.data"), 2u * 64 * 64);
  EXPECT_EQ(Session(output()).run(inputs).at("y").bytes, wanted.bytes);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 3) << "scratch files are left";
  options.most_inside = 2 * 64 * 64;
  EXPECT_TRUE(quantize(model, options).data.empty());
  EXPECT_FALSE(fs::exists(folder_ / "quantized.onnx.data"));

  // Its own input's data would be lost while it is still read.
  options.most_inside = 0;
  move_weights_outside(model, folder_ / "quantized.onnx.data");
  EXPECT_THAT(error_of([&] { quantize(model, options); }), HasSubstr("under another name"));
}

TEST_F(QuantizeTest, OneWeightMayServeSeveralOperators) {
  onnx::ModelProto model = parse(R"(
    net (float[n, 16] x) => (float[n, 16] y) {
      a = Gemm<transB = 1>(x, w, b)
      r = Relu(a)
      y = Gemm<transB = 1>(r, w, c)
    })");
  add_weight(model, "w", {16, 16});
  add_weight(model, "b", {16}, 0.1f);
  add_weight(model, "c", {16}, 20.0f);
  quantize(model);
  EXPECT_GT(sqnr_db(), 35.0);
  onnx::ModelProto quantized;
  read_model(output(), quantized);
  int copies = 0;
  for (const auto& tensor : quantized.graph().initializer()) {
    copies += tensor.name() == "w/quantized" || tensor.name() == "w/quantized_2";
  }
  EXPECT_EQ(copies, 1);
}

// A bias is stored once for each operator's scale, under names of its own.
TEST_F(QuantizeTest, OneBiasMayServeSeveralOperators) {
  onnx::ModelProto model = parse(R"(
    net (float[n, 16] x) => (float[n, 16] y) {
      a = Gemm<transB = 1>(x, w, b)
      y = Gemm(a, w, b)
    })");
  add_weight(model, "w", {16, 16});
  add_weight(model, "b", {16}, 0.1f);
  quantize(model);
  EXPECT_GT(sqnr_db(), 28.0);
}

TEST_F(QuantizeTest, InitializersAmongTheInputsAreWeights) {
  onnx::ModelProto model =
      parse("net (float[n, 8] x, float[8, 8] w) => (float[n, 8] y) { y = MatMul(x, w) }");
  add_weight(model, "w", {8, 8});
  const QuantizeReport report = quantize(model);
  EXPECT_EQ(report.quantized.at("MatMul"), 1u);
  const Session session(output());
  EXPECT_EQ(session.inputs().size(), 1u) << "the float weight is no input any more";
  EXPECT_GT(sqnr_db(), 30.0);
}

TEST_F(QuantizeTest, ADeadChannelKeepsItsBias) {
  onnx::ModelProto model = parse(R"(
    net (float[n, 2, 8, 8] x) => (float[n, 3, 8, 8] y) { y = Conv(x, w, b) })");
  add_weight(model, "w", {3, 2, 1, 1}, {0.5f, -0.5f, 0.0f, 0.0f, 1e-9f, 0.0f});
  add_weight(model, "b", {3}, {0.1f, 0.75f, -0.5f});
  quantize(model);
  EXPECT_GT(sqnr_db(), 30.0);
}

TEST_F(QuantizeTest, WarnsOfNormsThatWereNotFolded) {
  onnx::ModelProto model = parse(R"(
    net (float[n, 3, 8, 8] x) => (float[n, 4, 8, 8] y) {
      c = Conv(x, w)
      y = BatchNormalization(c, s, b, m, v)
    })");
  add_weight(model, "w", {4, 3, 1, 1});
  for (const char* name : {"s", "b", "m", "v"}) add_weight(model, name, {4}, {1, 1, 1, 1});
  const QuantizeReport report = quantize(model);
  ASSERT_EQ(report.warnings.size(), 1u);
  EXPECT_THAT(report.warnings[0], HasSubstr("1 BatchNormalization nodes are not folded"));
}

TEST_F(QuantizeTest, WithNothingToQuantizeItWarnsAndKeepsTheGraph) {
  const QuantizeReport report =
      quantize(parse("net (float[n, 8] x) => (float[n, 8] y) { y = Tanh(x) }"));
  ASSERT_EQ(report.warnings.size(), 1u);
  EXPECT_THAT(report.warnings[0], HasSubstr("nothing was quantized"));
  EXPECT_EQ(report.samples, 0u);
  EXPECT_EQ(report.float_by_type.at("Tanh"), 1u);
  RandomSource source(plan_inputs(input()), 1);
  EXPECT_EQ(verify_models(input(), output(), source).outputs[0].max_abs_difference, 0.0);
}

TEST_F(QuantizeTest, FailuresLeaveTheEarlierArtifact) {
  std::ofstream(output()) << "earlier";
  const std::string graph =
      "net (float[n, 8] x) => (float[n, 8] y) { l = Log(x)\n y = MatMul(l, w) }";
  onnx::ModelProto old = parse(graph, 12);
  add_weight(old, "w", {8, 8});
  EXPECT_THAT(error_of([&] { quantize(old); }), HasSubstr("opset 12, quantizing needs opset 13"));
  onnx::ModelProto model = parse(graph);
  add_weight(model, "w", {8, 8});
  EXPECT_THAT(error_of([&] { quantize(model, {}, 0); }), HasSubstr("no calibration data"));
  EXPECT_THAT(error_of([&] { quantize(model); }), HasSubstr("values in 'l' that are not finite"));
  onnx::ModelProto broken = parse("net (float[n, 8] x) => (float[n, 8] y) { y = MatMul(x, w) }");
  add_weight(broken, "w", {8, 8}, std::vector<float>(64, NAN));
  EXPECT_THAT(error_of([&] { quantize(broken); }), HasSubstr("weight 'w' holds NaN"));
  std::ofstream(input()) << "not a model";
  RandomSource source({}, 1);
  EXPECT_THAT(error_of([&] { quantize_model(input(), output(), source); }),
              HasSubstr("optimized.onnx: this is not an ONNX model"));
  EXPECT_EQ(fs::file_size(output()), 7u);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 2) << "scratch files are left";
}

}  // namespace
}  // namespace switchyard
