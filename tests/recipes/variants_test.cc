// The variant tables against facts/timm: every architecture has a row, and the row says what its modules say.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "engine/json.h"
#include "engine/yaml.h"
#include "tests/recipes/support.h"

namespace switchyard::recipes_test {
namespace {

using Modules = Map;  // module name -> [class, {hyper-parameters}]

std::string class_of(const Value& module) { return module.as_list()[0].as_string(); }
const Value* parameter(const Value& module, std::string_view name) {
  return module.as_list().size() > 1 ? module.as_list()[1].find(name) : nullptr;
}

// The value that all modules chosen have under `name`; nothing when there is none or they differ.
std::optional<Value> common(const Modules& modules, const std::function<bool(const std::string&, const std::string&)>& chosen,
                            std::string_view name) {
  std::optional<Value> result;
  for (const auto& [path, module] : modules) {
    if (!chosen(path, class_of(module))) continue;
    const Value* value = parameter(module, name);
    if (!value || (result && !(*result == *value))) return std::nullopt;
    result = *value;
  }
  return result;
}

bool has_class(const Modules& modules, std::string_view name) {
  for (const auto& [path, module] : modules) {
    if (class_of(module) == name) return true;
  }
  return false;
}

Value antialias(const Modules& modules) {
  if (has_class(modules, "BlurPool2d")) {
    return common(modules, [](auto&, auto& c) { return c == "BlurPool2d"; }, "pad_mode") == Value("reflect") ? "blur" : "blurpc";
  }
  return nullptr;
}

void check_resnet(const Modules& modules, const Value& row) {
  const Value* pool = modules.find("maxpool");
  const Value expected = pool && class_of(*pool) == "AvgPool2d" ? Value("avg") : antialias(modules);
  EXPECT_EQ(row.find("antialias")->to_json(), expected.to_json());
}

void check_mobilenet(const Modules& modules, const Value& row) {
  const Value aa = has_class(modules, "AvgPool2d") ? Value("avg") : antialias(modules);
  EXPECT_EQ(row.find("antialias")->to_json(), aa.to_json());
  EXPECT_EQ(common(modules, [](auto&, auto& c) { return c == "BatchNormAct2d"; }, "eps"), *row.find("eps"));
  EXPECT_EQ(row.find("padding")->as_string() == "same", has_class(modules, "Conv2dSame"));
  const std::map<std::string, std::string> acts = {{"Hardswish", "hard_swish"}, {"ReLU", "relu"}, {"GELU", "gelu"}};
  EXPECT_EQ(acts.at(class_of(*modules.find("bn1.act"))), row.find("act")->as_string());
  std::size_t stages = 0;
  while (modules.find("blocks." + std::to_string(stages) + ".0")) ++stages;
  EXPECT_EQ(row.find("strides")->as_list().size(), stages);
}

void check_vision_transformer(const Modules& modules, const Value& row) {
  const std::set<std::string> attentions = {"Attention", "DiffAttention", "ParallelScalingBlock", "DiffParallelScalingBlock"};
  const Value& model = *modules.find("");
  const auto heads = common(modules, [&](auto&, auto& c) { return attentions.count(c) > 0; }, "num_heads");
  ASSERT_TRUE(heads);
  EXPECT_EQ(parameter(model, "head_hidden_size")->as_int() / heads->as_int(), row.find("head_dim")->as_int());
  const auto eps = common(
      modules,
      [](const std::string& path, const std::string& c) {
        return (c == "LayerNorm" || c == "RmsNorm") && path.find("sub_norm") == std::string::npos;
      },
      "eps");
  EXPECT_EQ(eps, *row.find("eps"));
  EXPECT_EQ(*parameter(model, "global_pool"), *row.find("pool"));
  EXPECT_EQ(*parameter(model, "pool_include_prefix"), *row.find("pool_prefix"));
  EXPECT_EQ(row.find("post_norm")->as_bool(), has_class(modules, "ResPostBlock"));
  EXPECT_EQ(row.find("final_norm")->as_bool(), modules.find("norm") || modules.find("fc_norm"));
  const std::map<std::string, std::string> acts = {{"GELU", "gelu"}, {"GELUTanh", "gelu_tanh"}, {"QuickGELU", "quick_gelu"}, {"SiLU", "silu"}};
  EXPECT_TRUE(has_class(modules, [&] {
    for (const auto& [name, word] : acts) {
      if (word == row.find("act")->as_string()) return name;
    }
    return std::string("no such activation");
  }()));
}

void check_convnext(const Modules& modules, const Value& row) {
  const std::map<std::string, std::string> acts = {{"GELU", "gelu"}, {"GELUTanh", "gelu_tanh"}, {"SiLU", "silu"}};
  EXPECT_EQ(acts.at(class_of(*modules.find("stages.0.blocks.0.mlp.act"))), row.find("act")->as_string());
  const std::map<std::string, std::string> norms = {{"layer", "LayerNorm2d"}, {"rms", "RmsNorm2d"}, {"simple", "SimpleNorm2d"}};
  const std::string& norm = norms.at(row.find("norm")->as_string());
  EXPECT_TRUE(has_class(modules, norm));
  EXPECT_EQ(common(modules, [&](auto&, auto& c) { return c == norm; }, "eps"), *row.find("eps"));
}

struct Family {
  const char* name;
  void (*check)(const Modules&, const Value&);
};

class Variants : public testing::TestWithParam<Family> {};

// A row with what it is like and the defaults laid under.
Value whole_row(const YamlNode& variants, const std::string& name) {
  Map row;
  const Value& own = variants.find("rows")->find(name)->value();
  const Value* like = own.find("like");
  const Value under = like ? whole_row(variants, like->as_string()) : variants.find("defaults")->value();
  for (const auto& [key, value] : under.as_map()) row.set(key, value);
  for (const auto& [key, value] : own.as_map()) {
    if (key != "like") row.set(key, value);
  }
  return row;
}

TEST_P(Variants, EveryArchitectureHasARowThatAgreesWithItsModules) {
  const std::string facts = std::string(SWITCHYARD_SOURCE_DIR) + "/../shared/facts/timm/" + GetParam().name + ".json";
  if (!std::filesystem::exists(facts)) GTEST_SKIP() << "no " << facts;
  const std::string file = std::string(SWITCHYARD_SOURCE_DIR) + "/rules/graphs/timm/" + GetParam().name + ".yaml";
  const YamlNode recipe = parse_yaml(read_file(file), file);
  const YamlNode& variants = *recipe.find("variants");
  const Value architectures = parse_json(read_file(facts), facts);
  EXPECT_GT(architectures.as_map().size(), 20u);
  for (const auto& [architecture, modules] : architectures.as_map()) {
    SCOPED_TRACE(architecture);
    if (!variants.find("rows")->find(architecture)) {
      ADD_FAILURE() << "no row";
      continue;
    }
    GetParam().check(modules.as_map(), whole_row(variants, architecture));
  }
}

INSTANTIATE_TEST_SUITE_P(Families, Variants,
                         testing::Values(Family{"resnet", check_resnet}, Family{"mobilenetv3", check_mobilenet}, Family{"convnext", check_convnext},
                                         Family{"vision_transformer", check_vision_transformer}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace switchyard::recipes_test
