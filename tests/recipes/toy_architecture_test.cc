// An architecture nobody has heard of is added by rule files alone: a recipe with a part and heads of
// a library, inside which another new recipe runs as a submodel. Nothing is compiled for it.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "engine/rule_book.h"
#include "stages/checkpoint/checkpoint.h"
#include "stages/export/export_graph.h"
#include "stages/runtime/session.h"
#include "tests/recipes/card.h"
#include "tests/recipes/support.h"
#include "tests/support/temporary_directory.h"

namespace switchyard::recipes_test {
namespace {

constexpr const char* kLibrary = R"(blocks_library: toy_heads
use: [linear]
blocks:
  score(x):
    - return linear(x) @ score
heads:
  text-classification:
    do: logits = score(x)
    outputs: {logits: logits}
)";

// x := x + gate * dense(x), for as many layers as the checkpoint has.
constexpr const char* kInner = R"(recipe: toy-inner
use: [linear]
inputs:
  features: {dtype: float32, dims: [batch_size, config.width]}
graph:
  - x = features
  - hidden_states = [x]
  - for: i in range(count(layers.*))
    do:
      - h = linear(x) @ layers.{i}.dense
      - x = x + h * $"layers.{i}.gate"
      - hidden_states = hidden_states + [x]
heads:
  feature-extraction:
    outputs: {features: x}
)";

constexpr const char* kOuter = R"(recipe: toy
use: [toy_heads]
use_heads: toy_heads
inputs:
  features: {dtype: float32, dims: [batch_size, config.inner.width]}
graph:
  - r = submodel(config.inner, 'feature-extraction', features=features) @ inner
  - x = Relu(r.features)
  - hidden_states = [features, x]
parts:
  inner:
    inputs:
      features: {dtype: float32, dims: [batch_size, config.inner.width]}
    do: r = submodel(config.inner, 'feature-extraction', features=features) @ inner
    outputs: {inner: r.features}
)";

constexpr const char* kTypes = R"(knowledge: model_types
rows:
  toy: {standalone: true, base_class: AutoModel}
  toy-inner: {standalone: true, base_class: AutoModel}
)";

class ToyArchitecture : public testing::Test {
 protected:
  ToyArchitecture() {
    write_text(rules_ / "graphs/lib/toy_heads.yaml", kLibrary);
    write_text(rules_ / "graphs/toy-inner.yaml", kInner);
    write_text(rules_ / "graphs/toy.yaml", kOuter);
    write_text(rules_ / "types.yaml", kTypes);
    Map tensors;
    tensors.set("inner.layers.0.dense.weight", List{2, 2});
    tensors.set("inner.layers.0.gate", List{2});
    tensors.set("inner.layers.1.dense.weight", List{2, 2});
    tensors.set("inner.layers.1.gate", List{2});
    tensors.set("score.weight", List{3, 2});
    tensors.set("score.bias", List{3});
    const Map config{{"model_type", "toy"}, {"inner", Map{{"model_type", "toy-inner"}, {"width", 2}}}};
    card_.json = Map{{"config", config}, {"tensors", tensors}};
    materialize(card_, model_.path());
    book_ = RuleBook::load({.overlays = {rules_.path()}, .base = std::string(SWITCHYARD_SOURCE_DIR) + "/rules"});
    source_ = find_model(model_.path().string());
  }

  GraphRequest request(const std::string& part = {}) {
    GraphRequest request;
    request.recipe = "toy";
    request.task = "text-classification";
    request.part = part;
    request.config = source_.config;
    return request;
  }

  TemporaryDirectory rules_, model_, output_;
  Card card_;
  std::shared_ptr<const RuleBook> book_;
  ModelSource source_;
};
// What the toy computes, from the checkpoint's own numbers.
struct Expected {
  std::vector<float> inner, logits;
};
Expected forward(const Weights& weights, std::vector<float> x) {
  const auto values = [&](const std::string& name) {
    return reinterpret_cast<const float*>(weights.data(*weights.find(name)).data());
  };
  for (const std::string layer : {"inner.layers.0.", "inner.layers.1."}) {
    const float* dense = values(layer + "dense.weight");
    const float* gate = values(layer + "gate");
    const std::vector<float> before = x;
    for (int i = 0; i < 2; ++i)
      x[i] += gate[i] * (dense[2 * i] * before[0] + dense[2 * i + 1] * before[1]);
  }
  Expected result{x, {}};
  const float* score = values("score.weight");
  const float* bias = values("score.bias");
  for (int i = 0; i < 3; ++i)
    result.logits.push_back(score[2 * i] * std::max(x[0], 0.f) + score[2 * i + 1] * std::max(x[1], 0.f) + bias[i]);
  return result;
}

TEST_F(ToyArchitecture, IsExportedWholeAndInPart) {
  const Weights weights = Weights::open(model_ / "model.safetensors");
  const std::vector<float> x = {0.5f, -1.25f};
  Tensor features;
  features.shape = {1, 2};
  features.bytes.resize(8);
  std::copy(x.begin(), x.end(), features.as<float>());
  const Expected expected = forward(weights, x);

  export_graph(*book_, request(), weights, output_ / "toy.onnx", {});
  NamedTensors outputs = Session(output_ / "toy.onnx").run({{"features", features}});
  ASSERT_EQ(outputs.at("logits").count(), 3u);
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(outputs.at("logits").as<float>()[i], expected.logits[i], 1e-5);

  export_graph(*book_, request("inner"), weights, output_ / "inner.onnx", {});
  outputs = Session(output_ / "inner.onnx").run({{"features", features}});
  for (int i = 0; i < 2; ++i) EXPECT_NEAR(outputs.at("inner").as<float>()[i], expected.inner[i], 1e-5);
}

TEST_F(ToyArchitecture, GivesItsHiddenStatesWhenAsked) {
  const Weights weights = Weights::open(model_ / "model.safetensors");
  GraphRequest asked = request();
  asked.options = Map{{"output_hidden_states", true}};
  const ExportReport report = export_graph(*book_, asked, weights, output_ / "toy.onnx", {});
  std::vector<std::string> names;
  for (const TensorSpec& output : report.outputs) names.push_back(output.name);
  EXPECT_EQ(names, (std::vector<std::string>{"logits", "hidden_states.0", "hidden_states.1"}));
  asked.options = Map{{"output_attentions", true}};
  EXPECT_THROW(build_graph(*book_, asked, weights), Error);
}

// A tensor that the submodel misses is named whole; one that it leaves is found by its place.
TEST_F(ToyArchitecture, NamesATensorOfTheSubmodelByItsWholeName) {
  Map tensors = card_.json.find("tensors")->as_map();
  Map spoilt;
  for (const auto& [name, shape] : tensors) spoilt.set(name == "inner.layers.1.gate" ? "inner.layers.1.gait" : name, shape);
  card_.json = Map{{"config", *card_.json.find("config")}, {"tensors", spoilt}};
  materialize(card_, model_.path());
  const Weights weights = Weights::open(model_ / "model.safetensors");
  try {
    build_graph(*book_, request(), weights);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kModel);
    EXPECT_NE(std::string(error.what()).find("no tensor 'inner.layers.1.gate'"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("toy-inner.yaml:11"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("gait"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace switchyard::recipes_test
