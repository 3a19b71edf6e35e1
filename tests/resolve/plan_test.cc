// What builds lean on: recipe, inputs and outputs, precision, optimization, calibration.
#include <gtest/gtest.h>

#include <string>

#include "engine/rule_book.h"
#include "stages/resolve/resolve.h"
#include "tests/resolve/support.h"

namespace switchyard {
namespace {

std::string spec(const TensorSpec& tensor) {
  return tensor.name + ":" + tensor.dtype + Value(tensor.dims).to_json();
}

std::string specs(const std::vector<TensorSpec>& tensors) {
  std::string text;
  for (const TensorSpec& tensor : tensors) text += (text.empty() ? "" : " ") + spec(tensor);
  return text;
}

TEST(Plan, InputsAndOutputsOfATextClassifier) {
  const Resolution r = resolve_json(
      shipped_rules(),
      R"({"config": {"model_type": "bert", "architectures": ["BertForSequenceClassification"], "id2label": {"0": "a", "1": "b", "2": "c"}}})");
  EXPECT_EQ(
      specs(r.inputs),
      R"(input_ids:int64["batch_size","sequence_length"] attention_mask:int64["batch_size","sequence_length"] token_type_ids:int64["batch_size","sequence_length"])");
  EXPECT_EQ(specs(r.outputs), R"(logits:float32["batch_size",3])");
}

TEST(Plan, InputsAndOutputsFollowTheTask) {
  const auto outputs = [](const char* task, const char* type = "bert") {
    return specs(resolve_json(shipped_rules(), R"({"config": {"model_type": ")" +
                                                   std::string(type) +
                                                   R"("}, "options": {"task": ")" + task + R"("}})")
                     .outputs);
  };
  EXPECT_EQ(outputs("fill-mask"), R"(logits:float32["batch_size","sequence_length",30522])");
  EXPECT_EQ(outputs("masked-lm"), outputs("fill-mask"));
  EXPECT_EQ(outputs("token-classification"), R"(logits:float32["batch_size","sequence_length",2])");
  EXPECT_EQ(outputs("feature-extraction"),
            R"(last_hidden_state:float32["batch_size","sequence_length",768])");
  EXPECT_EQ(outputs("multiple-choice"), R"(logits:float32["batch_size","num_choices"])");
  EXPECT_EQ(outputs("image-classification", "vit"), R"(logits:float32["batch_size",2])");
}

TEST(Plan, ImagesOfATimmModel) {
  const Resolution r = resolve_json(
      shipped_rules(),
      R"({"config": {"architecture": "resnet18", "num_classes": 10, "pretrained_cfg": {"tag": "x"}}})");
  ASSERT_EQ(r.inputs.size(), 1u);
  EXPECT_EQ(spec(r.inputs[0]),
            R"(pixel_values:float32["batch_size","num_channels","height","width"])");
  EXPECT_EQ(specs(r.outputs), R"(logits:float32["batch_size",10])");
}

TEST(Plan, RecipeIsChosenByModelTypeOrModelFile) {
  const auto wanted = [](const std::string& config) {
    return decision(resolve_json(shipped_rules(), R"({"config": )" + config + "}"), "exporter")
        .value.find("recipe")
        ->as_string();
  };
  EXPECT_EQ(wanted(R"({"model_type": "bert"})"), "bert");
  EXPECT_EQ(wanted(R"({"model_type": "vit"})"), "vit");
  EXPECT_EQ(wanted(R"({"architecture": "resnet50", "pretrained_cfg": {"a": 1}})"), "timm/resnet");
  EXPECT_EQ(wanted(R"({"architecture": "resnet50.a1_in1k", "pretrained_cfg": {"a": 1}})"),
            "timm/resnet");
  EXPECT_EQ(wanted(R"({"model_type": "timm_wrapper", "architecture": "mobilenetv3_small_100"})"),
            "timm/mobilenetv3");
}

// A recipe that nobody wrote is none.
TEST(Plan, RecipeIsNamedOnlyWhereItExists) {
  const Resolution r = resolve_json(shipped_rules(), R"({"config": {"model_type": "clap"}})");
  EXPECT_FALSE(r.recipe.has_value());
}

TEST(Plan, CalibrationFollowsWhatTheModelReads) {
  const auto source = [](const std::string& request) {
    return decision(resolve_json(shipped_rules(), request), "calibration")
        .value.find("source")
        ->as_string();
  };
  EXPECT_EQ(source(R"({"config": {"model_type": "vit"}})"), "image-folder");
  EXPECT_EQ(
      source(R"({"config": {"model_type": "vit"}, "options": {"task": "feature-extraction"}})"),
      "image-folder");
  EXPECT_EQ(source(R"({"config": {"model_type": "bert"}})"), "text-lines");
  EXPECT_EQ(source(R"({"config": {"model_type": "wav2vec2"}})"), "audio-files");
  EXPECT_EQ(source(R"({"config": {"architecture": "resnet18", "pretrained_cfg": {"a": 1}}})"),
            "image-folder");
}

TEST(Plan, PrecisionAndOptimizationAreDecided) {
  const Resolution vision = resolve_json(shipped_rules(), R"({"config": {"model_type": "vit"}})");
  EXPECT_EQ(decision(vision, "precision").value.find("precision")->as_string(), "int8");
  EXPECT_EQ(decision(vision, "optimization").value.find("level")->as_string(), "basic");
  EXPECT_EQ(decision(vision, "calibration_fallback").value.find("source")->as_string(), "random");
  const Resolution text =
      resolve_json(shipped_rules(),
                   R"({"config": {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}})");
  EXPECT_EQ(decision(text, "precision").value.find("precision")->as_string(), "fp32");
}

TEST(Plan, EveryDecisionNamesItsRule) {
  const Resolution r = resolve_json(
      shipped_rules(), R"({"config": {"model_type": "vit", "architectures": ["ViTModel"]}})");
  for (const char* name : {"library", "task", "modality", "exporter", "precision", "calibration"}) {
    const Decision d = decision(r, name);
    EXPECT_FALSE(d.rule_id.empty()) << name;
    EXPECT_FALSE(d.source.empty()) << name;
    EXPECT_NE(d.place.file.find(".yaml"), std::string::npos) << name;
    EXPECT_GT(d.place.line, 0) << name;
  }
  EXPECT_EQ(decision(r, "task").rule_id, "head/architecture");
}

}  // namespace
}  // namespace switchyard
