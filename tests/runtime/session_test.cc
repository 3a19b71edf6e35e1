#include "stages/runtime/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/defs/parser.h>
#include <stdlib.h>

#include <fstream>
#include <thread>

#include "engine/error.h"

namespace switchyard {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string serialized(const char* text) {
  onnx::ModelProto model;
  const auto status = onnx::OnnxParser::Parse(model, text);
  EXPECT_TRUE(status.IsOK()) << status.ErrorMessage();
  return model.SerializeAsString();
}

const char* const kAffine = R"(<ir_version: 8, opset_import: ["" : 17]>
  affine (float[n, 3] x) => (float[n, 3] y, float[n] s) {
    two = Constant<value_float = 2.0>()
    y = Mul(x, two)
    s = ReduceSum<keepdims = 0>(y, axes)
  })";

const char* const kDouble = R"(<ir_version: 8, opset_import: ["" : 17]>
  twice (float[n, 3] x) => (float[n, 3] y, int64[2] shape) {
    y = Add(x, x)
    shape = Shape(x)
  })";

Tensor floats(std::vector<std::int64_t> shape, const std::vector<float>& values) {
  Tensor tensor{"float32", std::move(shape), {}};
  tensor.bytes.resize(values.size() * sizeof(float));
  if (!values.empty()) std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
  return tensor;
}

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kModel);
    return e.what();
  }
  return "no error";
}

TEST(SessionTest, DescribesInputsAndOutputs) {
  const Session session = Session::from_memory(serialized(kDouble), "twice");
  ASSERT_EQ(session.inputs().size(), 1u);
  EXPECT_EQ(session.inputs()[0].name, "x");
  EXPECT_EQ(session.inputs()[0].dtype, "float32");
  EXPECT_THAT(session.inputs()[0].shape, ElementsAre(-1, 3));
  EXPECT_THAT(session.inputs()[0].dim_names, ElementsAre("n", ""));
  ASSERT_EQ(session.outputs().size(), 2u);
  EXPECT_EQ(session.outputs()[1].dtype, "int64");
}

TEST(SessionTest, RunsAllOrNamedOutputs) {
  const Session session = Session::from_memory(serialized(kDouble), "twice");
  const NamedTensors inputs = {{"x", floats({2, 3}, {1, 2, 3, 4, 5, 6})}};
  NamedTensors all = session.run(inputs);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_THAT(all["y"].shape, ElementsAre(2, 3));
  EXPECT_EQ(all["y"].as<float>()[5], 12.0f);
  EXPECT_EQ(all["shape"].as<std::int64_t>()[0], 2);
  EXPECT_EQ(session.run(inputs, {"y"}).size(), 1u);
}

TEST(SessionTest, TakesAnEmptyBatch) {
  const Session session = Session::from_memory(serialized(kDouble), "twice");
  EXPECT_THAT(session.run({{"x", floats({0, 3}, {})}}).at("y").shape, ElementsAre(0, 3));
}

TEST(SessionTest, ManyThreadsRunOneSession) {
  const Session session = Session::from_memory(serialized(kDouble), "twice");
  std::vector<std::thread> threads;
  std::vector<float> got(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int k = 0; k < 50; ++k) {
        const float v = static_cast<float>(i);
        got[i] = session.run({{"x", floats({1, 3}, {v, v, v})}}).at("y").as<float>()[2];
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (int i = 0; i < 8; ++i) EXPECT_EQ(got[i], 2.0f * i);
}

TEST(SessionTest, ChecksInputsInOurWords) {
  const Session session = Session::from_memory(serialized(kDouble), "twice");
  const auto run = [&](const NamedTensors& inputs) {
    return error_of([&] { session.run(inputs); });
  };
  EXPECT_THAT(run({}), HasSubstr("twice: input 'x' was not given"));
  EXPECT_THAT(run({{"x", floats({1, 4}, {1, 2, 3, 4})}}),
              HasSubstr("input 'x' has shape [?, 3], it was given [1, 4]"));
  EXPECT_THAT(run({{"x", floats({3}, {1, 2, 3})}}), HasSubstr("it was given [3]"));
  EXPECT_THAT(run({{"x", floats({2, 3}, {1, 2, 3})}}), HasSubstr("12 bytes don't fill"));
  EXPECT_THAT(run({{"x", Tensor{"int64", {1, 3}, std::vector<std::byte>(24)}}}),
              HasSubstr("takes float32, it was given int64"));
  EXPECT_THAT(run({{"x", floats({1, 3}, {1, 2, 3})}, {"z", floats({}, {1})}}),
              HasSubstr("no input 'z'"));
  EXPECT_THAT(error_of([&] {
                session.run({{"x", floats({1, 3}, {1, 2, 3})}}, {"q"});
              }),
              HasSubstr("no output 'q'"));
}

TEST(SessionTest, ExplainsModelsThatDoNotLoad) {
  EXPECT_THAT(error_of([] { Session("/nowhere/model.onnx"); }),
              HasSubstr("/nowhere/model.onnx: the model can't be loaded"));
  const std::string garbage = error_of([] { Session::from_memory("no protobuf", "garbage.onnx"); });
  EXPECT_THAT(garbage, HasSubstr("garbage.onnx: the model can't be loaded"));
  EXPECT_THAT(garbage, Not(HasSubstr(".cc:")));
  // The operator's input `axes` is declared nowhere.
  const std::string invalid =
      error_of([] { Session::from_memory(serialized(kAffine), "affine.onnx"); });
  EXPECT_THAT(invalid, HasSubstr("affine.onnx: the model can't be loaded"));
  EXPECT_THAT(invalid, HasSubstr("axes"));
  EXPECT_THAT(invalid, Not(HasSubstr("onnxruntime::")));
}

TEST(SessionTest, ExplainsAFailingRun) {
  const char* const text = R"(<ir_version: 8, opset_import: ["" : 17]>
    pick (float[n] x, int64[1] i) => (float[1] y) { y = Gather(x, i) })";
  const Session session = Session::from_memory(serialized(text), "pick.onnx");
  Tensor index{"int64", {1}, std::vector<std::byte>(8)};
  *index.as<std::int64_t>() = 7;
  const std::string message = error_of([&] {
    session.run({{"x", floats({2}, {1, 2})}, {"i", index}});
  });
  EXPECT_THAT(message, HasSubstr("pick.onnx: running the model failed"));
  EXPECT_THAT(message, HasSubstr("out of data bounds"));
  EXPECT_THAT(message, Not(HasSubstr("/onnxruntime")));
}

TEST(SessionTest, NamesTheLibraryThatIsMissing) {
  // The library is loaded once per process: the search is watched in a fresh child.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        setenv("SWITCHYARD_ONNXRUNTIME", "/nowhere/libonnxruntime.so.1", 1);
        try {
          onnxruntime_version();
        } catch (const Error& e) {
          fputs(e.what(), stderr);
          exit(3);
        }
        exit(0);
      },
      ::testing::ExitedWithCode(3), "could not be loaded \\(tried /nowhere/libonnxruntime.so.1\\)");
}

TEST(SessionTest, FindsTheLibraryCMakeFound) { EXPECT_THAT(onnxruntime_version(), HasSubstr(".")); }

}  // namespace
}  // namespace switchyard
