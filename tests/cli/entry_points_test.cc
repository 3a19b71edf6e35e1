// One chain serves every command: whoever asks, a model has the same task.
#include <gtest/gtest.h>

#include <filesystem>
#include <ostream>

#include "engine/json.h"
#include "tests/support/temporary_directory.h"
#include "tests/cli/run_program.h"

namespace switchyard {
namespace {

using Words = std::vector<std::string>;

struct Model {
  std::string name;
  std::string config;
  std::string task;
  std::string model_type;  // that alone gives the same task; empty: it can't know
};

void PrintTo(const Model& model, std::ostream* out) { *out << model.name; }

const Model kModels[] = {
    {"bert_masked", R"({"model_type": "bert", "architectures": ["BertForMaskedLM"]})", "fill-mask",
     ""},
    {"bert_classifier",
     R"({"model_type": "bert", "architectures": ["BertForSequenceClassification"]})",
     "text-classification", ""},
    {"bart_mnli", R"({"model_type": "bart", "architectures": ["BartForSequenceClassification"]})",
     "text-classification", ""},
    {"vit_classifier", R"({"model_type": "vit", "architectures": ["ViTForImageClassification"]})",
     "image-classification", ""},
    {"vit_base", R"({"model_type": "vit", "architectures": ["ViTModel"]})",
     "image-feature-extraction", "vit"},
    {"ast_base",
     R"({"model_type": "audio-spectrogram-transformer", "architectures": ["ASTModel"]})",
     "feature-extraction", "audio-spectrogram-transformer"},
    {"wav2vec2_base", R"({"model_type": "wav2vec2", "architectures": ["Wav2Vec2Model"]})",
     "feature-extraction", "wav2vec2"},
    {"clip_text",
     R"({"model_type": "clip_text_model", "architectures": ["CLIPTextModelWithProjection"]})",
     "feature-extraction", ""},
    {"clip_vision",
     R"({"model_type": "clip_vision_model", "architectures": ["CLIPVisionModelWithProjection"]})",
     "image-feature-extraction", ""},
    {"sam", R"({"model_type": "sam", "architectures": ["SamModel"]})", "mask-generation", "sam"},
    {"sam2", R"({"model_type": "sam2", "architectures": ["Sam2Model"]})", "mask-generation",
     "sam2"},
    {"sam2_video", R"({"model_type": "sam2_video", "architectures": ["Sam2VideoModel"]})",
     "mask-generation", "sam2_video"},
    {"segformer",
     R"({"model_type": "segformer", "architectures": ["SegformerForSemanticSegmentation"]})",
     "image-segmentation", ""},
    {"timm_hub",
     R"({"architecture": "resnet18", "num_classes": 1000, "pretrained_cfg": {"num_classes": 1000}})",
     "image-classification", ""},
    {"timm_wrapper",
     R"({"model_type": "timm_wrapper", "architecture": "resnet18",
         "architectures": ["TimmWrapperForImageClassification"], "num_classes": 10})",
     "image-classification", "timm_wrapper"},
};

class EntryPoints : public testing::TestWithParam<Model> {
 protected:
  EntryPoints() { write_text(directory / "model/config.json", GetParam().config); }

  std::string task_of(const Words& arguments) {
    const ProgramResult result = run_program(arguments);
    EXPECT_EQ(result.status, 0) << command_text(arguments) << "\n" << result.err;
    if (result.status != 0) return {};
    return parse_json(result.out, "output").find("task")->as_string();
  }

  TemporaryDirectory directory;
};

TEST_P(EntryPoints, GiveTheSameTask) {
  const std::string model = (directory / "model").string();
  EXPECT_EQ(task_of({"inspect", "-m", model, "-f", "json"}), GetParam().task);
  EXPECT_EQ(task_of({"inspect", "-m", model + "/config.json", "-f", "json"}), GetParam().task);
  EXPECT_EQ(task_of({"config", "-m", model}), GetParam().task);
  if (!GetParam().model_type.empty()) {
    EXPECT_EQ(task_of({"inspect", "--model-type", GetParam().model_type, "-f", "json"}),
              GetParam().task);
    EXPECT_EQ(task_of({"config", "--model-type", GetParam().model_type}), GetParam().task);
  }
  ProgramInput input;
  input.text = parse_json("{\"config\": " + GetParam().config + "}", "config").to_json();
  const ProgramResult answered = run_program({"inspect", "--jsonl", "-"}, input);
  EXPECT_EQ(*parse_json(answered.out, "answer").find("task"), Value(GetParam().task));
}

// What builds resolves by the same chain: without weights it fails, but under that task.
TEST_P(EntryPoints, BuildRecordsTheSameTask) {
  const std::string out = (directory / "out").string();
  const ProgramResult result =
      run_program({"build", "-m", (directory / "model").string(), "-o", out});
  EXPECT_EQ(result.status, 1) << result.err;
  const std::filesystem::path recorded = directory / "out/build.json";
  ASSERT_TRUE(std::filesystem::exists(recorded)) << result.err;
  EXPECT_EQ(*parse_json(read_text(recorded), "build.json").find("task"), Value(GetParam().task));
}

INSTANTIATE_TEST_SUITE_P(Models, EntryPoints, testing::ValuesIn(kModels),
                         [](const auto& info) { return info.param.name; });

TEST(HubId, TheModelIdsDefaultAppliesThroughTheCache) {
  TemporaryDirectory cache;
  const auto model = cache / "models--prajjwal1--bert-tiny";
  write_text(model / "refs/main", "abc");
  write_text(model / "snapshots/abc/config.json", R"({"model_type": "bert"})");
  ProgramInput input;
  input.environment = {"HF_HUB_CACHE=" + cache.path().string()};
  for (const char* command : {"inspect", "config"}) {
    const ProgramResult result =
        run_program({command, "-m", "prajjwal1/bert-tiny", "-f", "json"}, input);
    ASSERT_EQ(result.status, 0) << result.err;
    const Value answer = parse_json(result.out, "output");
    EXPECT_EQ(*answer.find("task"), Value("feature-extraction"));
    EXPECT_EQ(*answer.find("source"), Value("model-id-default"));
  }
}

class LastResort : public testing::Test {
 protected:
  LastResort() {
    write_text(directory / "model/config.json", R"({"model_type": "dpr"})");
    model = (directory / "model").string();
  }
  TemporaryDirectory directory;
  std::string model;
};

TEST_F(LastResort, InspectAndConfigWarn) {
  for (const char* command : {"inspect", "config"}) {
    const ProgramResult result = run_program({command, "-m", model, "-f", "json"});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_TRUE(result.err.starts_with("switchyard: warning: ")) << result.err;
    EXPECT_FALSE(parse_json(result.out, "output").find("warnings")->as_list().empty());
    EXPECT_EQ(run_program({command, "-m", model, "-f", "json", "-q"}).err, "");
  }
}

TEST_F(LastResort, ExportBuildAndEvalRefuse) {
  const std::string out = (directory / "out").string();
  for (const Words& arguments :
       {Words{"export", "-m", model, "-o", out}, Words{"build", "-m", model, "-o", out},
        Words{"eval", "-m", model, "--data", model}}) {
    const ProgramResult result = run_program(arguments);
    EXPECT_EQ(result.status, 1) << command_text(arguments);
    EXPECT_NE(result.err.find("--task"), std::string::npos) << result.err;
    EXPECT_FALSE(std::filesystem::exists(directory / "out"));
  }
}

}  // namespace
}  // namespace switchyard
