#include "stages/optimize/optimize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/checker.h>
#include <onnx/defs/parser.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <map>

#include "engine/error.h"
#include "stages/export/graph/half.h"
#include "stages/runtime/model_file.h"
#include "stages/runtime/random_inputs.h"
#include "stages/runtime/session.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Conv + BatchNormalization + Relu, then what folding removes: Identity and constant arithmetic.
const char* const kConvNet = R"(<ir_version: 8, opset_import: ["" : 17]>
  net (float[batch_size, 3, height, width] pixels) => (float[batch_size, 4, oh, ow] features) {
    c = Conv<pads = [1, 1, 1, 1]>(pixels, weight)
    b = BatchNormalization(c, scale, bias, mean, var)
    i = Identity(b)
    two = Constant<value_float = 2.0>()
    four = Mul(two, two)
    r = Relu(i)
    features = Mul(r, four)
  })";

class OptimizeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) /
              (std::string("optimize_") +
               ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }

  static onnx::ModelProto parse(const std::string& text) {
    onnx::ModelProto model;
    const auto status = onnx::OnnxParser::Parse(model, text.c_str());
    EXPECT_TRUE(status.IsOK()) << status.ErrorMessage();
    return model;
  }

  static void add_weight(onnx::ModelProto& model, const std::string& name,
                         const std::vector<std::int64_t>& dims, float base) {
    auto* tensor = model.mutable_graph()->add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(onnx::TensorProto::FLOAT);
    std::int64_t count = 1;
    for (const std::int64_t d : dims) {
      tensor->add_dims(d);
      count *= d;
    }
    std::vector<float> values(count);
    for (std::int64_t i = 0; i < count; ++i) {
      values[i] = base + 0.25f * std::sin(static_cast<float>(i));
    }
    tensor->set_raw_data(values.data(), values.size() * sizeof(float));
  }

  static onnx::ModelProto conv_net() {
    onnx::ModelProto model = parse(kConvNet);
    add_weight(model, "weight", {4, 3, 3, 3}, 0.0f);
    add_weight(model, "scale", {4}, 1.0f);
    add_weight(model, "bias", {4}, 0.1f);
    add_weight(model, "mean", {4}, 0.2f);
    add_weight(model, "var", {4}, 1.5f);
    return model;
  }

  // Moves an initializer's bytes to `file` in the test's folder, as a referencing export has them.
  void move_outside(onnx::ModelProto& model, const std::string& name, const std::string& file) {
    for (auto& tensor : *model.mutable_graph()->mutable_initializer()) {
      if (tensor.name() != name) continue;
      const fs::path data = folder_ / file;
      const auto offset = fs::exists(data) ? fs::file_size(data) : 0;
      std::ofstream(data, std::ios::app | std::ios::binary) << tensor.raw_data();
      const std::string length = std::to_string(tensor.raw_data().size());
      tensor.clear_raw_data();
      tensor.set_data_location(onnx::TensorProto::EXTERNAL);
      for (const auto& [key, value] : {std::pair<std::string, std::string>{"location", file},
                                       {"offset", std::to_string(offset)},
                                       {"length", length}}) {
        auto* entry = tensor.add_external_data();
        entry->set_key(key);
        entry->set_value(value);
      }
    }
  }

  void expect_same_results(const fs::path& a, const fs::path& b) {
    const NamedTensors inputs = draw_inputs(plan_inputs(a, hints_), 3);
    const NamedTensors x = Session(a).run(inputs);
    const NamedTensors y = Session(b).run(inputs);
    ASSERT_EQ(x.size(), y.size());
    for (const auto& [name, tensor] : x) {
      ASSERT_EQ(tensor.shape, y.at(name).shape);
      for (std::size_t i = 0; i < tensor.count(); ++i) {
        ASSERT_NEAR(tensor.as<float>()[i], y.at(name).as<float>()[i], 1e-4);
      }
    }
  }

  fs::path folder_;
  InputHints hints_{.height = 9, .width = 9};
};

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST_F(OptimizeTest, FoldsAndKeepsTheModelsFrame) {
  onnx::ModelProto model = conv_net();
  model.set_producer_name("someone");
  auto* property = model.add_metadata_props();
  property->set_key("scopes");
  property->set_value("stem, head");
  write_model(model, folder_ / "export.onnx");

  const OptimizeReport report = optimize_model(folder_ / "export.onnx", folder_ / "optimized.onnx");
  EXPECT_EQ(report.nodes_before, 7u);
  EXPECT_EQ(report.nodes_after, 3u);  // Conv, Relu, Mul
  EXPECT_GT(report.seconds, 0.0);

  onnx::ModelProto optimized;
  read_model(folder_ / "optimized.onnx", optimized);
  EXPECT_EQ(optimized.ir_version(), 8);
  ASSERT_EQ(optimized.opset_import_size(), 1);
  EXPECT_EQ(optimized.opset_import(0).domain(), "");
  EXPECT_EQ(optimized.opset_import(0).version(), 17);
  EXPECT_EQ(optimized.producer_name(), "someone");
  ASSERT_EQ(optimized.metadata_props_size(), 1);
  EXPECT_EQ(optimized.metadata_props(0).value(), "stem, head");
  const Session session(folder_ / "optimized.onnx");
  EXPECT_THAT(session.inputs()[0].dim_names, ElementsAre("batch_size", "", "height", "width"));
  EXPECT_THAT(session.outputs()[0].dim_names, ElementsAre("batch_size", "", "oh", "ow"));
  EXPECT_NO_THROW(onnx::checker::check_model(optimized));
  expect_same_results(folder_ / "export.onnx", folder_ / "optimized.onnx");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 2) << "scratch files are left";
}

TEST_F(OptimizeTest, LeavesUntouchedWeightsWhereTheyAre) {
  onnx::ModelProto model = parse(R"(<ir_version: 8, opset_import: ["" : 17]>
    net (float[n, 64] x) => (float[n, 64] y) {
      h = Gemm<transB = 1>(x, weight, bias)
      i = Identity(h)
      y = Relu(i)
    })");
  add_weight(model, "weight", {64, 64}, 0.0f);
  add_weight(model, "bias", {64}, 0.0f);
  move_outside(model, "weight", "model.safetensors");
  move_outside(model, "bias", "model.safetensors");
  write_model(model, folder_ / "export.onnx");
  optimize_model(folder_ / "export.onnx", folder_ / "optimized.onnx");

  onnx::ModelProto optimized;
  read_model(folder_ / "optimized.onnx", optimized);
  ASSERT_EQ(optimized.graph().initializer_size(), 2);
  for (const auto& tensor : optimized.graph().initializer()) {
    EXPECT_EQ(tensor.data_location(), onnx::TensorProto::EXTERNAL) << tensor.name();
    EXPECT_EQ(tensor.external_data(0).value(), "model.safetensors");
  }
  EXPECT_LT(fs::file_size(folder_ / "optimized.onnx"), 2000u);
  expect_same_results(folder_ / "export.onnx", folder_ / "optimized.onnx");

  const std::string elsewhere = error_of([&] {
    fs::create_directories(folder_ / "other");
    optimize_model(folder_ / "export.onnx", folder_ / "other" / "optimized.onnx");
  });
  EXPECT_THAT(elsewhere, HasSubstr("Write the result into the same directory"));
}

TEST_F(OptimizeTest, FoldedWeightsMoveInside) {
  onnx::ModelProto model = conv_net();
  for (const char* name : {"weight", "scale", "bias", "mean", "var"}) {
    move_outside(model, name, "model.safetensors");
  }
  write_model(model, folder_ / "export.onnx");
  optimize_model(folder_ / "export.onnx", folder_ / "optimized.onnx");
  onnx::ModelProto optimized;
  read_model(folder_ / "optimized.onnx", optimized);
  for (const auto& tensor : optimized.graph().initializer()) {
    EXPECT_NE(tensor.data_location(), onnx::TensorProto::EXTERNAL) << tensor.name();
  }
  expect_same_results(folder_ / "export.onnx", folder_ / "optimized.onnx");
}

// What a referencing export of a 16-bit checkpoint looks like.
class HalvesOutside : public OptimizeTest, public ::testing::WithParamInterface<int> {
 protected:
  static std::uint16_t narrow(float value) {
    return GetParam() == onnx::TensorProto::BFLOAT16 ? graph::float_to_bfloat16(value)
                                                     : graph::float_to_half(value);
  }

  // Stores the float initializer `name` in 16 bits, outside, behind a Cast.
  void store_in_16_bits(onnx::ModelProto& model, const std::string& name) {
    auto& graph = *model.mutable_graph();
    for (auto& tensor : *graph.mutable_initializer()) {
      if (tensor.name() != name) continue;
      std::vector<float> values(tensor.raw_data().size() / sizeof(float));
      std::memcpy(values.data(), tensor.raw_data().data(), tensor.raw_data().size());
      std::vector<std::uint16_t> stored(values.size());
      std::transform(values.begin(), values.end(), stored.begin(), narrow);
      tensor.set_raw_data(stored.data(), stored.size() * 2);
      tensor.set_data_type(GetParam());
      tensor.set_name(name + "/stored");
      onnx::NodeProto cast;
      cast.set_op_type("Cast");
      cast.add_input(tensor.name());
      cast.add_output(name);
      auto* to = cast.add_attribute();
      to->set_name("to");
      to->set_type(onnx::AttributeProto::INT);
      to->set_i(onnx::TensorProto::FLOAT);
      *graph.add_node() = cast;
      for (int i = graph.node_size() - 1; i > 0; --i) graph.mutable_node()->SwapElements(i, i - 1);
    }
    move_outside(model, name + "/stored", "model.safetensors");
  }

  onnx::ModelProto optimized() {
    optimize_model(folder_ / "export.onnx", folder_ / "optimized.onnx");
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 3) << "scratch files are left";
    onnx::ModelProto model;
    read_model(folder_ / "optimized.onnx", model);
    expect_same_results(folder_ / "export.onnx", folder_ / "optimized.onnx");
    return model;
  }
};

TEST_P(HalvesOutside, StayOutsideWhenTheyAreLarge) {
  onnx::ModelProto model = parse(R"(<ir_version: 8, opset_import: ["" : 17]>
    net (float[n, 512] x) => (float[n, 512] y) {
      g = Gemm<transB = 1>(x, large, small)
      i = Identity(g)
      y = Add(i, i)
    })");
  add_weight(model, "large", {512, 512}, 0.0f);
  add_weight(model, "small", {512}, 0.0f);
  for (const char* name : {"large", "small"}) store_in_16_bits(model, name);
  write_model(model, folder_ / "export.onnx");
  const onnx::ModelProto result = optimized();
  std::map<std::string, bool> outside;
  for (const auto& tensor : result.graph().initializer()) {
    outside[tensor.name()] = tensor.data_location() == onnx::TensorProto::EXTERNAL;
  }
  EXPECT_EQ(outside, (std::map<std::string, bool>{{"large/stored", true}, {"small", false}}));
  EXPECT_EQ(result.graph().input_size(), 1);
  EXPECT_EQ(result.graph().node_size(), 3);  // Cast, Gemm, Add
}

TEST_P(HalvesOutside, AreMergedIntoTheirNormAllTheSame) {
  onnx::ModelProto model = parse(kConvNet);
  add_weight(model, "weight", {256, 3, 16, 16}, 0.0f);  // 768 KiB
  for (const auto& [name, base] : {std::pair<std::string, float>{"scale", 1.0f},
                                   {"bias", 0.1f},
                                   {"mean", 0.2f},
                                   {"var", 1.5f}}) {
    add_weight(model, name, {256}, base);
  }
  auto* features = model.mutable_graph()->mutable_output(0)->mutable_type();
  features->mutable_tensor_type()->mutable_shape()->mutable_dim(1)->set_dim_value(256);
  for (const char* name : {"weight", "scale", "bias", "mean", "var"}) {
    store_in_16_bits(model, name);
  }
  write_model(model, folder_ / "export.onnx");
  hints_.height = hints_.width = 20;
  EXPECT_EQ(optimized().graph().node_size(), 3);  // Conv, Relu, Mul
}

INSTANTIATE_TEST_SUITE_P(Dtypes, HalvesOutside,
                         ::testing::Values(onnx::TensorProto::FLOAT16,
                                           onnx::TensorProto::BFLOAT16));

TEST_F(OptimizeTest, LevelNoneCopiesTheGraph) {
  write_model(conv_net(), folder_ / "export.onnx");
  const OptimizeReport report = optimize_model(folder_ / "export.onnx", folder_ / "optimized.onnx",
                                               optimization_level("none"));
  EXPECT_EQ(report.nodes_after, 7u);
  expect_same_results(folder_ / "export.onnx", folder_ / "optimized.onnx");
}

TEST_F(OptimizeTest, BadInputLeavesTheEarlierArtifact) {
  std::ofstream(folder_ / "export.onnx") << "version https://git-lfs.github.com/spec/v1\n";
  std::ofstream(folder_ / "optimized.onnx") << "earlier";
  EXPECT_THAT(
      error_of([&] { optimize_model(folder_ / "export.onnx", folder_ / "optimized.onnx"); }),
      HasSubstr("export.onnx: this is not an ONNX model"));
  write_model(parse(R"(<ir_version: 8, opset_import: ["" : 17]>
    net (float[n, 64] x) => (float[n, 64] y) { y = Relu(missing) })"),
              folder_ / "export.onnx");
  EXPECT_THAT(
      error_of([&] { optimize_model(folder_ / "export.onnx", folder_ / "optimized.onnx"); }),
      HasSubstr("missing"));
  EXPECT_EQ(fs::file_size(folder_ / "optimized.onnx"), 7u);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 2);
  EXPECT_THAT(error_of([] { optimization_level("most"); }), HasSubstr("'most'"));
}

}  // namespace
}  // namespace switchyard
