// The values of a config over the defaults of its type.
#include "stages/resolve/config_values.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/resolve/support.h"

namespace switchyard {
namespace {

Value completed(const char* config, const std::string& type) {
  return with_defaults(shipped_rules(), json(config), type);
}

TEST(ConfigValues, DefaultsLieUnderWhatIsWritten) {
  const Value config = completed(R"({"hidden_size": 128, "x": null})", "bert");
  EXPECT_EQ(config.find("hidden_size")->as_int(), 128);
  EXPECT_EQ(config.find("num_hidden_layers")->as_int(), 12);
  EXPECT_DOUBLE_EQ(config.find("layer_norm_eps")->as_double(), 1e-12);
  EXPECT_EQ(config.find("hidden_act")->as_string(), "gelu");
  EXPECT_TRUE(config.find("x")->is_null());
}

TEST(ConfigValues, AttributesHaveBothTheirNames) {
  const Value by_own = completed(R"({"n_layer": 3})", "gpt2");
  EXPECT_EQ(by_own.find("num_hidden_layers")->as_int(), 3);
  EXPECT_EQ(by_own.find("n_embd")->as_int(), by_own.find("hidden_size")->as_int());
  const Value by_alias = completed(R"({"num_hidden_layers": 4})", "gpt2");
  EXPECT_EQ(by_alias.find("n_layer")->as_int(), 4);
  EXPECT_EQ(by_alias.find("num_hidden_layers")->as_int(), 4);
}

TEST(ConfigValues, LabelCount) {
  EXPECT_EQ(completed("{}", "vit").find("num_labels")->as_int(), 2);
  EXPECT_EQ(completed(R"({"id2label": {"0": "a", "1": "b", "2": "c"}})", "vit")
                .find("num_labels")
                ->as_int(),
            3);
  EXPECT_EQ(
      completed(R"({"num_labels": 7, "id2label": {"0": "a"}})", "vit").find("num_labels")->as_int(),
      7);
  EXPECT_EQ(with_label_count(json(R"({"num_classes": 10})")).find("num_labels")->as_int(), 10);
  EXPECT_EQ(with_label_count(json(R"({"pretrained_cfg": {"num_classes": 5}})"))
                .find("num_labels")
                ->as_int(),
            5);
  EXPECT_EQ(with_label_count(json("{}")).find("num_labels"), nullptr);
}

TEST(ConfigValues, SubConfigsHaveTheDefaultsOfTheirTypes) {
  const Value config = completed(R"({"vision_config": {"hidden_size": 1024}})", "clip");
  EXPECT_EQ(config.find_path("vision_config.hidden_size")->as_int(), 1024);
  EXPECT_EQ(config.find_path("vision_config.patch_size")->as_int(), 32);
  EXPECT_EQ(config.find_path("text_config.hidden_size")->as_int(), 512);
  EXPECT_EQ(completed(R"({"text_config": null})", "clip")
                .find_path("text_config.max_position_embeddings")
                ->as_int(),
            77);
}

TEST(ConfigValues, PartThatStandsAloneHasItsDefaults) {
  EXPECT_EQ(completed("{}", "clip_vision_model").find("patch_size")->as_int(), 32);
}

TEST(ConfigValues, UnknownTypeKeepsWhatIsWritten) {
  const Value config = completed(R"({"a": [1, 2]})", "never-heard-of");
  EXPECT_EQ(config.find("a")->to_json(), json("[1, 2]").to_json());
}

TEST(ConfigValues, ResolutionNarrowsToTheClassesConfig) {
  const Resolution tower = resolve_json(
      shipped_rules(),
      R"({"config": {"model_type": "clip", "vision_config": {"hidden_size": 64}}, "options": {"task": "image-feature-extraction"}})");
  EXPECT_EQ(tower.model_type, "clip_vision_model");
  EXPECT_EQ(tower.config.find("hidden_size")->as_int(), 64);
  EXPECT_EQ(tower.config.find("patch_size")->as_int(), 32);
  // An override decides what is built; the values stay the checkpoint's.
  const Resolution other = resolve_json(
      shipped_rules(),
      R"({"config": {"model_type": "gpt2", "architectures": ["GPT2Model"]}, "options": {"model_type": "bert"}})");
  EXPECT_EQ(other.model_type, "bert");
  EXPECT_EQ(other.config.find("n_layer")->as_int(), 12);
  EXPECT_EQ(other.config.find("type_vocab_size"), nullptr);
}

TEST(ConfigValues, ConfigOfAnotherLibraryIsAsWritten) {
  const Resolution resolution = resolve_json(
      shipped_rules(),
      R"({"config": {"architecture": "resnet18", "num_classes": 0, "pretrained_cfg": {"tag": "x"}}})");
  EXPECT_EQ(resolution.config.find("hidden_size"), nullptr);
  EXPECT_EQ(resolution.config.find("architecture")->as_string(), "resnet18");
  EXPECT_EQ(resolution.config.find("num_labels")->as_int(), 0);
}

}  // namespace
}  // namespace switchyard
