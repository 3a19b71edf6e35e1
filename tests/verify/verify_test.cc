#include "stages/verify/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/defs/parser.h>

#include <cmath>

#include "engine/error.h"
#include "stages/runtime/model_file.h"
#include "stages/verify/compare.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Tensor floats(std::vector<std::int64_t> shape, const std::vector<float>& values) {
  Tensor tensor{"float32", std::move(shape), {}};
  const auto* bytes = reinterpret_cast<const std::byte*>(values.data());
  tensor.bytes.assign(bytes, bytes + values.size() * sizeof(float));
  return tensor;
}

Tensor halves(const std::vector<std::uint16_t>& values) {
  Tensor tensor{"float16", {static_cast<std::int64_t>(values.size())}, {}};
  const auto* bytes = reinterpret_cast<const std::byte*>(values.data());
  tensor.bytes.assign(bytes, bytes + values.size() * 2);
  return tensor;
}

class VerifyTest : public ::testing::Test {
 protected:
  static fs::path model(const std::string& name, const std::string& text) {
    onnx::ModelProto proto;
    const auto status = onnx::OnnxParser::Parse(
        proto, ("<ir_version: 8, opset_import: [\"\" : 17]>" + text).c_str());
    EXPECT_TRUE(status.IsOK()) << status.ErrorMessage();
    const fs::path file = fs::path(::testing::TempDir()) / ("verify_" + name + ".onnx");
    write_model(proto, file);
    return file;
  }
  static fs::path scaled(const std::string& name, const std::string& factor) {
    return model(
        name,
        "net (float[n, 8] x) => (float[n, 8] y, float[n] s) {"
        " f = Constant<value_float = " +
            factor +
            ">()\n y = Mul(x, f)\n"
            " axis = Constant<value_ints = [1]>()\n s = ReduceSum<keepdims = 0>(y, axis) }");
  }
};

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST(OutputSumsTest, KnownNumbers) {
  OutputSums sums;
  sums.add("y", floats({2, 2}, {3, 4, 1, 2}), floats({2, 2}, {3, 5, 2, 1}));
  // signal 9 + 16 + 1 + 4 = 30, noise 0 + 1 + 1 + 1 = 3
  EXPECT_NEAR(sums.sqnr_db(), 10.0, 1e-9);
  EXPECT_NEAR(sums.cosine(), (9 + 20 + 2 + 2) / std::sqrt(30.0 * (9 + 25 + 4 + 1)), 1e-12);
  EXPECT_DOUBLE_EQ(sums.max_abs_difference(), 1.0);
  EXPECT_DOUBLE_EQ(sums.top1_agreement(), 0.5);
  sums.add("y", floats({1, 2}, {1, 2}), floats({1, 2}, {1, 2}));
  EXPECT_DOUBLE_EQ(sums.top1_agreement(), 2.0 / 3.0);
  EXPECT_EQ(sums.elements(), 6u);
}

TEST(OutputSumsTest, EqualZeroAndInfinite) {
  OutputSums equal;
  equal.add("y", floats({2}, {0, INFINITY}), floats({2}, {0, INFINITY}));
  EXPECT_TRUE(std::isinf(equal.sqnr_db()) && equal.sqnr_db() > 0);
  EXPECT_DOUBLE_EQ(equal.cosine(), 1.0);
  EXPECT_FALSE(equal.ranks()) << "a vector has no rows";
  OutputSums silent;
  silent.add("y", floats({1}, {0}), floats({1}, {1}));
  EXPECT_TRUE(std::isinf(silent.sqnr_db()) && silent.sqnr_db() < 0);
  EXPECT_DOUBLE_EQ(silent.cosine(), 0.0);
}

TEST(OutputSumsTest, HalfPrecision) {
  OutputSums sums;
  // 1, -2, 65504, the smallest subnormal; the candidate is off by 1 in the second.
  sums.add("y", halves({0x3c00, 0xc000, 0x7bff, 0x0001}), halves({0x3c00, 0xbc00, 0x7bff, 0x0001}));
  EXPECT_DOUBLE_EQ(sums.max_abs_difference(), 1.0);
}

TEST(OutputSumsTest, RefusesWhatDoesNotCompare) {
  OutputSums sums;
  EXPECT_THAT(error_of([&] {
                sums.add("y", floats({2}, {1, 2}), floats({2, 1}, {1, 2}));
              }),
              HasSubstr("float32 [2] in the reference and float32 [2, 1]"));
  EXPECT_THAT(error_of([&] { sums.add("y", floats({1}, {1}), floats({1}, {NAN})); }),
              HasSubstr("NaN in only one"));
}

TEST_F(VerifyTest, AModelEqualsItself) {
  const fs::path file = scaled("self", "2.0");
  const VerifyResult result = verify_models(file, file, 3);
  EXPECT_TRUE(result.passed);
  EXPECT_EQ(result.samples, 3u);
  ASSERT_EQ(result.outputs.size(), 2u);
  EXPECT_EQ(result.outputs[0].elements, 24u);
  EXPECT_EQ(result.outputs[0].max_abs_difference, 0.0);
  EXPECT_EQ(result.outputs[0].top1_agreement, 1.0);
  EXPECT_FALSE(result.outputs[1].top1_agreement.has_value());
  EXPECT_THAT(result.table(), HasSubstr("exact"));
  EXPECT_THAT(result.to_value().to_json(), HasSubstr("\"sqnr_db\":null"));
}

TEST_F(VerifyTest, ThresholdsDecide) {
  VerifyThresholds thresholds;
  thresholds.min_sqnr_db = 30;
  thresholds.max_abs_difference = 100;
  thresholds.min_top1_agreement = 1.0;
  const VerifyResult result =
      verify_models(scaled("one", "1.0"), scaled("near", "1.1"), 2, {}, thresholds);
  // The noise is a tenth of the signal: 20 dB, and the order of the values is the same.
  EXPECT_NEAR(result.outputs[0].sqnr_db, 20.0, 0.01);
  EXPECT_NEAR(result.outputs[0].cosine, 1.0, 1e-6);
  EXPECT_EQ(result.outputs[0].top1_agreement, 1.0);
  EXPECT_FALSE(result.passed);
  ASSERT_EQ(result.outputs[0].failures.size(), 1u);
  EXPECT_THAT(result.outputs[0].failures[0], HasSubstr("is below 30 dB"));
  EXPECT_THAT(result.table(), HasSubstr("FAILED y: SQNR"));
  thresholds.min_sqnr_db = 19;
  EXPECT_TRUE(verify_models(scaled("one", "1.0"), scaled("near", "1.1"), 2, {}, thresholds).passed);
}

TEST_F(VerifyTest, GraphsOfDifferentModelsAreRefused) {
  const fs::path reference = scaled("reference", "1.0");
  const auto against = [&](const std::string& text) {
    const fs::path other = model("other", text);
    return error_of([&] { verify_models(reference, other, 1); });
  };
  EXPECT_THAT(against("net (float[n, 8] z) => (float[n, 8] y) { y = Relu(z) }"),
              HasSubstr("the reference's input 'x' is missing"));
  EXPECT_THAT(against("net (float[n, 8] x) => (float[n, 8] y) { y = Relu(x) }"),
              HasSubstr("the reference's output 's' is missing"));
  EXPECT_THAT(against("net (double[n, 8] x) => (double[n, 8] y) { y = Relu(x) }"),
              HasSubstr("input 'x' is float64, the reference's is float32"));
  EXPECT_THAT(against("net (float[n, 8, 1] x) => (float[n, 8, 1] y) { y = Relu(x) }"),
              HasSubstr("has rank 3, the reference's 2"));
  EXPECT_THAT(error_of([&] { verify_models(reference, reference, 0); }), HasSubstr("no samples"));
}

}  // namespace
}  // namespace switchyard
