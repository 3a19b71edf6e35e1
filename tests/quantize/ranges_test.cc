#include "stages/quantize/ranges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "stages/runtime/model_file.h"
#include "tests/quantize/models.h"

namespace switchyard {
namespace {

using ::testing::HasSubstr;
using namespace testing_models;

Tensor scalar(float value) {
  Tensor tensor{"float32", {}, std::vector<std::byte>(4)};
  *tensor.as<float>() = value;
  return tensor;
}

NamedTensors outputs(const std::vector<std::pair<float, float>>& ranges) {
  NamedTensors named;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    named.emplace(RangeCollector::min_output(i), scalar(ranges[i].first));
    named.emplace(RangeCollector::max_output(i), scalar(ranges[i].second));
  }
  return named;
}

TEST(RangeCollectorTest, KeepsTheExtremesOfAllRuns) {
  RangeCollector collector({"a", "b"});
  collector.observe(outputs({{1.0f, 2.0f}, {-3.0f, -2.0f}}));
  collector.observe(outputs({{0.5f, 1.5f}, {-2.5f, -1.0f}}));
  const auto ranges = collector.ranges();
  EXPECT_EQ(ranges.at("a").min, 0.5f);  // not 0: nothing is widened here
  EXPECT_EQ(ranges.at("a").max, 2.0f);
  EXPECT_EQ(ranges.at("b").min, -3.0f);
  EXPECT_EQ(ranges.at("b").max, -1.0f);
  EXPECT_EQ(collector.runs(), 2u);
}

TEST(RangeCollectorTest, RefusesNothingAndWhatIsNotFinite) {
  RangeCollector empty({"a"});
  EXPECT_THAT(error_of([&] { empty.ranges(); }), HasSubstr("no calibration data"));
  RangeCollector collector({"a", "b"});
  EXPECT_THAT(error_of([&] {
                collector.observe(outputs({{0, 1}, {-INFINITY, 1}}));
              }),
              HasSubstr("calibration run 1 gives values in 'b' that are not finite"));
  EXPECT_THAT(error_of([&] {
                collector.observe(outputs({{NAN, NAN}, {0, 1}}));
              }),
              HasSubstr("'a'"));
}

// The slow way: every tensor comes out whole and is searched here.
TEST(CalibrateTest, MeasuresWhatAFullSearchFinds) {
  onnx::ModelProto model = parse(R"(
    net (float[n, 3, 12, 12] x) => (float[n, 6, 12, 12] y) {
      c = Conv<pads = [1, 1, 1, 1]>(x, w)
      r = Relu(c)
      d = Conv<pads = [1, 1, 1, 1]>(r, v)
      y = Add(d, r)
    })");
  add_weight(model, "w", {6, 3, 3, 3});
  add_weight(model, "v", {6, 6, 3, 3});
  const auto folder = fresh_folder();
  const std::vector<std::string> tensors = {"x", "r", "d", "y"};

  onnx::ModelProto whole = model;
  whole.mutable_graph()->clear_output();
  for (const std::string& tensor : tensors) {
    auto* info = whole.mutable_graph()->add_output();
    info->set_name(tensor);
    info->mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
  }
  write_model(whole, folder / "whole.onnx");
  instrument(model, tensors);
  write_model(model, folder / "instrumented.onnx");

  const std::vector<InputPlan> plan = {{"x", "float32", {2, 3, 12, 12}, InputPlan::Kind::kNormal}};
  RangeCollector collector(tensors);
  RandomSource source(plan, 5);
  calibrate(folder / "instrumented.onnx", source, collector);

  std::map<std::string, Range> expected;
  const Session session(folder / "whole.onnx");
  RandomSource again(plan, 5);
  NamedTensors inputs;
  while (again.next(inputs)) {
    for (const auto& [name, tensor] : session.run(inputs)) {
      const auto* values = tensor.as<float>();
      const auto [low, high] = std::minmax_element(values, values + tensor.count());
      const auto [slot, is_new] = expected.emplace(name, Range{*low, *high});
      if (is_new) continue;
      slot->second.min = std::min(slot->second.min, *low);
      slot->second.max = std::max(slot->second.max, *high);
    }
  }
  const auto ranges = collector.ranges();
  ASSERT_EQ(ranges.size(), tensors.size());
  for (const std::string& tensor : tensors) {
    // Not bit-equal: ONNX Runtime fuses the two graphs differently.
    EXPECT_NEAR(ranges.at(tensor).min, expected.at(tensor).min, 1e-5) << tensor;
    EXPECT_NEAR(ranges.at(tensor).max, expected.at(tensor).max, 1e-5) << tensor;
  }
  EXPECT_EQ(ranges.at("r").min, 0.0f);
}

}  // namespace
}  // namespace switchyard
