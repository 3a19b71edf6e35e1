// Every activation of the shared block library against its formula.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>

#include "stages/export/export_graph.h"
#include "stages/runtime/session.h"
#include "tests/recipes/support.h"

namespace switchyard::recipes_test {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double softplus(double x) { return std::log1p(std::exp(x)); }
double gelu(double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); }
double gelu_tanh(double x) {
  return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
}

struct Activation {
  const char* name;
  std::function<double(double)> formula;
};

const Activation kActivations[] = {
    {"gelu", gelu},
    {"gelu_python", gelu},
    {"gelu_new", gelu_tanh},
    {"gelu_pytorch_tanh", gelu_tanh},
    {"gelu_tanh", gelu_tanh},
    {"gelu_accurate", gelu_tanh},
    {"gelu_fast", gelu_tanh},
    {"gelu_10", [](double x) { return std::min(std::max(gelu(x), -10.0), 10.0); }},
    {"quick_gelu", [](double x) { return x * sigmoid(1.702 * x); }},
    {"relu", [](double x) { return std::max(x, 0.0); }},
    {"relu6", [](double x) { return std::min(std::max(x, 0.0), 6.0); }},
    {"relu2", [](double x) { return std::pow(std::max(x, 0.0), 2); }},
    {"silu", [](double x) { return x * sigmoid(x); }},
    {"swish", [](double x) { return x * sigmoid(x); }},
    {"mish", [](double x) { return x * std::tanh(softplus(x)); }},
    {"sigmoid", sigmoid},
    {"tanh", [](double x) { return std::tanh(x); }},
    {"hard_sigmoid", [](double x) { return std::min(std::max(x / 6 + 0.5, 0.0), 1.0); }},
    {"hard_swish", [](double x) { return x * std::min(std::max(x / 6 + 0.5, 0.0), 1.0); }},
    {"hard_mish", [](double x) { return 0.5 * x * std::min(std::max(x + 2, 0.0), 2.0); }},
    {"leaky_relu", [](double x) { return x < 0 ? 0.01 * x : x; }},
    {"elu", [](double x) { return x < 0 ? std::expm1(x) : x; }},
    {"celu", [](double x) { return x < 0 ? std::expm1(x) : x; }},
    {"selu", [](double x) { return 1.0507009873554805 * (x < 0 ? 1.6732632423543772 * std::expm1(x) : x); }},
    {"softplus", softplus},
    {"laplace", [](double x) { return 0.5 * (1 + std::erf((x - 0.707107) / (0.282095 * std::sqrt(2.0)))); }},
    {"linear", [](double x) { return x; }},
};

std::shared_ptr<const RuleBook> book(const std::string& name) {
  const std::string rules = SWITCHYARD_SOURCE_DIR "/rules/";
  return RuleBook::from_texts({{"one.yaml", "recipe: one\nuse: [activation]\n"
                                            "inputs: {x: {dtype: float32, dims: [n]}}\n"
                                            "heads:\n  t: {do: [\"y = activation(x, '" + name + "') + $zero\"], outputs: {y: y}}\n"},
                               {"activation.yaml", read_file(rules + "graphs/lib/activation.yaml")},
                               {"weights.yaml", read_file(rules + "weights.yaml")}});
}

std::string run_one(const std::string& name, const Tensor& x, Tensor& y) {
  Checkpoint checkpoint;
  checkpoint.tensors["zero"] = {1};
  const WeightsFile file(checkpoint);
  std::string directory = (std::filesystem::temp_directory_path() / "switchyard-act-XXXXXX").string();
  if (mkdtemp(directory.data()) == nullptr) return "no directory";
  std::string fault;
  try {
    const auto model = std::filesystem::path(directory) / "one.onnx";
    export_graph(*book(name), {.recipe = "one", .task = "t", .config = Map()}, file.weights(), model,
                 {.weights = WeightMode::kEmbed, .overwrite = true});
    y = Session(model).run({{"x", x}}).at("y");
  } catch (const Error& error) {
    fault = error.what();
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
  return fault;
}

TEST(Activations, FollowTheirFormulas) {
  Tensor x{.shape = {101}};
  x.bytes.resize(101 * sizeof(float));
  for (int i = 0; i < 101; ++i) x.as<float>()[i] = static_cast<float>(i - 50) * 0.25f;
  for (const Activation& activation : kActivations) {
    SCOPED_TRACE(activation.name);
    Tensor y;
    ASSERT_EQ(run_one(activation.name, x, y), "");
    ASSERT_EQ(y.shape, x.shape);
    for (int i = 0; i < 101; ++i) {
      const double expected = activation.formula(x.as<float>()[i]);
      EXPECT_NEAR(y.as<float>()[i], expected, 1e-5 * std::max(1.0, std::abs(expected))) << x.as<float>()[i];
    }
  }
}

TEST(Activations, RefuseAnUnknownName) {
  Tensor y;
  EXPECT_NE(run_one("gello", Tensor{.shape = {0}}, y).find("unknown activation 'gello'"), std::string::npos);
}

}  // namespace
}  // namespace switchyard::recipes_test
