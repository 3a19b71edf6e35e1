// The same model has the same task on every way in.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/error.h"
#include "engine/json.h"
#include "stages/resolve/requests.h"
#include "stages/resolve/resolve.h"
#include "stages/workshop/golden/golden_outcome.h"
#include "tests/resolve/support.h"

namespace switchyard {
namespace {

struct Model {
  const char* name;
  const char* config;
  const char* model_id;  // empty: none
  const char* task;
  const char* source;
};

// With a class in the config, and without: then the model type alone must say the same.
const Model kModels[] = {
    {"bert", R"({"model_type": "bert", "architectures": ["BertForMaskedLM"]})", "acme/bert",
     "fill-mask", "tasks-manager"},
    {"bert_bare", R"({"model_type": "bert"})", "acme/bert", "feature-extraction",
     "wrapped-library"},
    {"roberta",
     R"({"model_type": "roberta", "architectures": ["RobertaForSequenceClassification"]})",
     "acme/roberta", "text-classification", "tasks-manager"},
    {"bart_mnli",
     R"({"model_type": "bart", "is_encoder_decoder": true, "architectures": ["BartForSequenceClassification"]})",
     "facebook/bart-large-mnli", "text-classification", "tasks-manager"},
    {"bart",
     R"({"model_type": "bart", "is_encoder_decoder": true, "architectures": ["BartForConditionalGeneration"]})",
     "acme/bart", "text2text-generation", "tasks-manager"},
    {"t5",
     R"({"model_type": "t5", "is_encoder_decoder": true, "architectures": ["T5ForConditionalGeneration"]})",
     "acme/t5", "text2text-generation", "tasks-manager"},
    {"gpt2", R"({"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]})", "acme/gpt2",
     "text-generation", "tasks-manager"},
    {"vit", R"({"model_type": "vit", "architectures": ["ViTForImageClassification"]})", "acme/vit",
     "image-classification", "tasks-manager"},
    {"vit_backbone", R"({"model_type": "vit", "architectures": ["ViTModel"]})", "acme/vit",
     "image-feature-extraction", "tasks-manager"},
    {"vit_bare", R"({"model_type": "vit"})", "acme/vit", "image-feature-extraction",
     "wrapped-library"},
    {"dinov2", R"({"model_type": "dinov2", "architectures": ["Dinov2Model"]})", "acme/dinov2",
     "image-feature-extraction", "tasks-manager"},
    {"convnext", R"({"model_type": "convnext", "architectures": ["ConvNextModel"]})",
     "acme/convnext", "image-feature-extraction", "tasks-manager"},
    {"segformer_classifier",
     R"({"model_type": "segformer", "architectures": ["SegformerForImageClassification"]})",
     "acme/segformer", "image-classification", "tasks-manager"},
    {"segformer",
     R"({"model_type": "segformer", "architectures": ["SegformerForSemanticSegmentation"]})",
     "acme/segformer", "image-segmentation", "tasks-manager"},
    // No field of the config makes an audio model one of images.
    {"ast", R"({"model_type": "audio-spectrogram-transformer", "patch_size": 16, "image_size": 224,
               "architectures": ["ASTModel"]})",
     "acme/ast", "feature-extraction", "tasks-manager"},
    {"wav2vec2", R"({"model_type": "wav2vec2", "architectures": ["Wav2Vec2Model"]})",
     "acme/wav2vec2", "feature-extraction", "tasks-manager"},
    {"whisper",
     R"({"model_type": "whisper", "is_encoder_decoder": true, "architectures": ["WhisperModel"]})",
     "acme/whisper", "feature-extraction", "tasks-manager"},
    {"clip", R"({"model_type": "clip", "architectures": ["CLIPModel"]})", "acme/clip",
     "feature-extraction", "tasks-manager"},
    {"clip_text_tower",
     R"({"model_type": "clip_text_model", "architectures": ["CLIPTextModelWithProjection"]})",
     "acme/clip-text", "feature-extraction", "tasks-manager"},
    {"clip_vision_tower",
     R"({"model_type": "clip_vision_model", "architectures": ["CLIPVisionModelWithProjection"]})",
     "acme/clip-vision", "image-feature-extraction", "tasks-manager"},
    {"clip_vision", R"({"model_type": "clip_vision_model", "architectures": ["CLIPVisionModel"]})",
     "acme/clip-vision", "image-feature-extraction", "tasks-manager"},
    {"sam", R"({"model_type": "sam", "architectures": ["SamModel"]})", "acme/sam",
     "mask-generation", "sentinel-default"},
    {"sam_bare", R"({"model_type": "sam"})", "acme/sam", "mask-generation", "sentinel-default"},
    {"sam2", R"({"model_type": "sam2", "architectures": ["Sam2Model"]})", "acme/sam2",
     "mask-generation", "sentinel-default"},
    {"sam2_video", R"({"model_type": "sam2_video"})", "acme/sam2", "mask-generation",
     "sentinel-default"},
    {"timm_wrapper",
     R"({"model_type": "timm_wrapper", "architecture": "resnet18", "num_classes": 0})",
     "timm/resnet18", "image-classification", "wrapped-library"},
    {"timm_hub",
     R"({"architecture": "resnet50", "num_classes": 1000, "pretrained_cfg": {"tag": "a1_in1k"}})",
     "timm/resnet50.a1_in1k", "image-classification", "wrapped-library"},
};

class EntryPoints : public testing::TestWithParam<Model> {};

std::string request(const Model& model, const char* model_id, const std::string& options) {
  std::string text = R"({"id": 1, "config": )" + std::string(model.config);
  if (model_id != nullptr) text += R"(, "model_id": ")" + std::string(model_id) + '"';
  return text + R"(, "options": {)" + options + "}}";
}

TEST_P(EntryPoints, AgreeOnTheTask) {
  const Model& model = GetParam();
  const RuleBook& rules = shipped_rules();
  const std::string with_id = request(model, model.model_id, "");
  std::vector<std::string> requests = {request(model, nullptr, ""), with_id};
  // The same type named by the user, in any spelling, changes nothing.
  const Value config = json(model.config);
  if (const Value* type = config.find("model_type")) {
    std::string spelled = type->as_string();
    for (char& c : spelled) c = c == '_' ? '-' : static_cast<char>(std::toupper(c));
    requests.push_back(request(model, nullptr, R"("model_type": ")" + spelled + '"'));
    const bool named = config.find("architectures") != nullptr;
    if (!named) requests.push_back(R"({"id": 1, "options": {"model_type": ")" + spelled + R"("}})");
  }
  for (const std::string& text : requests) {
    SCOPED_TRACE(text);
    const Resolution resolution = resolve_json(rules, text);
    EXPECT_EQ(resolution.task, model.task);
    EXPECT_EQ(resolution.source, model.source);
    const Value answer = parse_json(answer_json_line(rules, text, 1), "answer");
    EXPECT_EQ(answer.find("task")->as_string(), model.task);
    EXPECT_EQ(golden_outcome(rules, json(text)).find("task")->as_string(), model.task);
    EXPECT_NO_THROW(require_decided(resolution));
  }
}

INSTANTIATE_TEST_SUITE_P(Models, EntryPoints, testing::ValuesIn(kModels),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(EntryPoints, ModelIdDefaultIgnoresLetterCaseAndBlanks) {
  for (const char* id : {"prajjwal1/bert-tiny", "Prajjwal1/BERT-tiny", "  prajjwal1/bert-tiny\t"}) {
    for (const char* config : {R"({"model_type": "bert"})", R"({"hidden_size": 128})",
                               R"({"model_type": "bert", "architectures": ["BertForMaskedLM"]})"}) {
      const Resolution resolution =
          resolve_json(shipped_rules(),
                       R"({"config": )" + std::string(config) + R"(, "model_id": ")" +
                           (std::string(id).back() == '\t' ? std::string("  prajjwal1/bert-tiny\\t")
                                                           : std::string(id)) +
                           R"("})");
      EXPECT_EQ(resolution.task, "feature-extraction") << id << config;
      EXPECT_EQ(resolution.source, "model-id-default");
      EXPECT_EQ(resolution.model_class, "AutoModel");
    }
  }
}

// The user's task overrides the sentinel, and selects the encoder.
TEST(EntryPoints, EncoderOfSegmentAnything2) {
  for (const char* type : {"sam2", "sam2_video"}) {
    for (const char* task : {"feature-extraction", "image-feature-extraction"}) {
      const std::string options = R"("options": {"task": ")" + std::string(task) + R"("})";
      for (const std::string& text :
           {R"({"config": {"model_type": ")" + std::string(type) + R"("}, )" + options + "}",
            R"({"options": {"model_type": ")" + std::string(type) + R"(", "task": ")" + task +
                R"("}})"}) {
        const Resolution resolution = resolve_json(shipped_rules(), text);
        EXPECT_EQ(resolution.model_class, "Sam2VisionEncoder") << text;
        EXPECT_EQ(resolution.task, task);
        EXPECT_EQ(resolution.source, "user-task");
      }
    }
  }
}

TEST(EntryPoints, LibraryOfAWrappedModel) {
  const std::string config =
      R"({"config": {"architecture": "resnet50", "pretrained_cfg": {"tag": "x"}})";
  const auto library = [&](const char* options) {
    return resolve_json(shipped_rules(), config + options + "}").library;
  };
  EXPECT_EQ(library(""), "timm");
  EXPECT_EQ(library(R"(, "options": {"library": "transformers"})"), "timm");
  EXPECT_EQ(library(R"(, "options": {"library": "timm"})"), "timm");
  EXPECT_EQ(library(R"(, "options": {"library": "diffusers"})"), "diffusers");
  EXPECT_EQ(resolve_json(shipped_rules(), R"({"config": {"model_type": "bert"}})").library,
            "transformers");
}

TEST(EntryPoints, LastResortWarnsAndIsRefusedByBuilds) {
  const Resolution resolution = resolve_json(
      shipped_rules(), R"({"config": {"model_type": "bert", "architectures": ["MyModel"]}})");
  EXPECT_EQ(resolution.task, "next-sentence-prediction");
  EXPECT_TRUE(resolution.last_resort);
  ASSERT_EQ(resolution.warnings.size(), 1u);
  EXPECT_NE(resolution.warnings[0].find("--task"), std::string::npos);
  EXPECT_THROW(require_decided(resolution), Error);
}

}  // namespace
}  // namespace switchyard
