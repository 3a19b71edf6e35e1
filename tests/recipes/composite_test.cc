// Models of two graphs: what the encoder gives, fed to the decoder, is what the single graph gives.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "stages/build/build.h"
#include "stages/checkpoint/checkpoint.h"
#include "stages/export/export.h"
#include "stages/resolve/resolve.h"
#include "tests/recipes/card.h"
#include "tests/recipes/families.h"
#include "tests/support/temporary_directory.h"

namespace switchyard::recipes_test {
namespace {

namespace fs = std::filesystem;

constexpr double kTolerance = 5e-4;

Card card_of(const std::string& name) {
  return read_card(fs::path(SWITCHYARD_SOURCE_DIR) / "tests/data/recipes" / (name + ".json"));
}

class Composite : public testing::TestWithParam<const char*> {};

TEST_P(Composite, PartsGiveTheNumbersOfTheWhole) {
  const TemporaryDirectory directory;
  const Card card = card_of(GetParam());
  materialize(card, directory.path());
  const ModelSource source = find_model(directory.path().string());
  ResolveRequest asked{.config = source.config, .config_file = source.config_file.string()};
  asked.options.task = card.task;
  Resolution resolution = resolve(shipped_rules(), asked);
  const auto run_part = [&](const char* part, const NamedTensors& available) {
    resolution.part = part;
    const fs::path model = directory / (std::string(part) + ".onnx");
    export_model(shipped_rules(), source, resolution, model, {.weights = WeightMode::kReference});
    const Session session(model);
    NamedTensors feeds;
    for (const IoInfo& input : session.inputs()) {
      const auto found = available.find(input.name);
      if (found == available.end()) throw std::runtime_error(std::string("nothing to feed to ") + input.name);
      feeds.insert(*found);
    }
    return session.run(feeds);
  };
  NamedTensors feeds = inputs_of(card);
  const NamedTensors encoded = run_part("encoder", feeds);
  NamedTensors decoder_feeds = {{"input_ids", feeds.at("decoder_input_ids")},
                                {"encoder_hidden_states", encoded.at("last_hidden_state")}};
  if (feeds.contains("attention_mask")) decoder_feeds["encoder_attention_mask"] = feeds.at("attention_mask");
  NamedTensors outputs = run_part("decoder", decoder_feeds);
  outputs["encoder_last_hidden_state"] = encoded.at("last_hidden_state");
  EXPECT_EQ(difference(card, "outputs", outputs, kTolerance), "");
}

INSTANTIATE_TEST_SUITE_P(EncoderDecoders, Composite,
                         testing::Values("t5__T5ForConditionalGeneration", "marian__MarianMTModel@untied",
                                         "whisper__WhisperForConditionalGeneration",
                                         "encoder-decoder__EncoderDecoderModel",
                                         "vision-encoder-decoder__VisionEncoderDecoderModel"),
                         [](const auto& info) { return test_name(info.param); });

TEST(CompositeBuild, LiesFlatBesideOneFileOfWeights) {
  const TemporaryDirectory model, output;
  const Card card = card_of("t5__T5ForConditionalGeneration");
  materialize(card, model.path());
  const ModelSource source = find_model(model.path().string());
  ResolveRequest asked{.config = source.config, .config_file = source.config_file.string()};
  asked.options.task = "translation";
  const Resolution whole = resolve(shipped_rules(), asked);
  ASSERT_TRUE(whole.composite.is_map());
  std::vector<BuildPart> parts;
  for (const auto& [name, task] : whole.composite.as_map()) {
    asked.options.task = task.as_string();
    Resolution resolution = resolve(shipped_rules(), asked);
    resolution.part = name;
    BuildPlan plan = plan_build(resolution, {.precision = "fp32"});
    parts.push_back({name, std::move(resolution), std::move(plan)});
  }
  const BuildPlan plan = plan_build(whole, {.precision = "fp32"});
  BuildObserver observer;
  const auto build = [&] {
    return build_model(shipped_rules(), source, whole, plan, parts, output / "out", {}, observer);
  };
  const Manifest manifest = build();
  EXPECT_EQ(manifest.parts.find("encoder")->as_string(), "encoder.onnx");
  EXPECT_EQ(manifest.parts.find("decoder")->as_string(), "decoder.onnx");
  EXPECT_EQ(manifest.model_file, "");
  EXPECT_EQ(manifest.model_data, std::vector<std::string>{"model.safetensors"});
  for (const char* file : {"encoder.onnx", "decoder.onnx", "encoder.export.onnx", "decoder.optimized.onnx"})
    EXPECT_TRUE(fs::exists(output / "out" / file)) << file;
  std::size_t large = 0;
  for (const auto& entry : fs::directory_iterator(output / "out")) large += entry.file_size() > 100'000;
  EXPECT_EQ(large, 1u) << "the weights lie there once";
  const Manifest again = build();
  for (const StageRecord& stage : again.stages)
    EXPECT_TRUE(stage.reused || stage.status == StageStatus::kSkipped) << stage.name;
}

}  // namespace
}  // namespace switchyard::recipes_test
