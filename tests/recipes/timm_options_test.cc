// What a timm config and the user's options change about the graph.
#include <gtest/gtest.h>
#include <gmock/gmock.h>

#include "engine/error.h"
#include "engine/json.h"
#include "tests/recipes/support.h"

namespace switchyard::recipes_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// The config with `changes` (JSON) laid over.
Value changed(const Value& config, const char* changes) {
  Map map = config.as_map();
  const Value laid = parse_json(changes, "changes");
  for (const auto& [key, value] : laid.as_map()) map.set(key, value);
  return map;
}

std::vector<std::string> outputs_of(const BuiltGraph& built) {
  std::vector<std::string> outputs;
  for (const auto& output : built.graph.outputs) {
    outputs.push_back(output.name + " " + built.graph.tensors[output.tensor].type.text());
  }
  return outputs;
}

struct Family {
  const char* checkpoint;
  const char* recipe;
  const char* head;  // the classifier's scope
  std::vector<std::string> feature_outputs;
  std::string no_class_output;
};

class TimmOptions : public testing::TestWithParam<Family> {
 protected:
  std::vector<std::string> outputs(const std::string& task, const Value& options = Map()) {
    const WeightsFile file(checkpoint_);
    const BuiltGraph built = build(GetParam().recipe, checkpoint_, task, file, options);
    warnings_ = built.warnings;
    return outputs_of(built);
  }

  Checkpoint checkpoint_ = load_checkpoint(GetParam().checkpoint);
  std::vector<std::string> warnings_;
};

TEST_P(TimmOptions, Classifies) {
  EXPECT_THAT(outputs("image-classification"), ElementsAre("logits float32[batch_size, 1000]"));
}

TEST_P(TimmOptions, FeaturesAreTheMapAndThePooledVector) {
  EXPECT_EQ(outputs("image-feature-extraction"), GetParam().feature_outputs);
  EXPECT_EQ(outputs("feature-extraction"), GetParam().feature_outputs);
}

TEST_P(TimmOptions, WithoutPoolingThereIsNoPooledVector) {
  const std::vector<std::string> only_map = {GetParam().feature_outputs[0]};
  EXPECT_EQ(outputs("image-feature-extraction", Map{{"do_pooling", false}}), only_map);
  checkpoint_.config = changed(checkpoint_.config, R"({"do_pooling": false})");
  EXPECT_EQ(outputs("image-feature-extraction"), only_map);
  EXPECT_EQ(outputs("image-feature-extraction", Map{{"do_pooling", true}}), GetParam().feature_outputs);
}

TEST_P(TimmOptions, NoClassesGivesThePooledVectorAndAWarning) {
  const std::string head = GetParam().head;
  checkpoint_.tensors.erase(head + ".weight");
  checkpoint_.tensors.erase(head + ".bias");
  checkpoint_.config = changed(checkpoint_.config, R"({"num_classes": 0})");
  EXPECT_THAT(outputs("image-classification"), ElementsAre(GetParam().no_class_output));
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_THAT(warnings_[0], HasSubstr("no classes"));
}

TEST_P(TimmOptions, UnknownArchitectureNamesNearOnes) {
  checkpoint_.config = changed(checkpoint_.config, (R"({"architecture": ")" + std::string(GetParam().checkpoint) + R"(x"})").c_str());
  try {
    outputs("image-classification");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr(std::string(GetParam().checkpoint) + "x"));
    EXPECT_THAT(error.mend(), HasSubstr(GetParam().checkpoint));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Families, TimmOptions,
    testing::Values(
        Family{"test_resnet", "timm/resnet", "fc",
               {"last_hidden_state float32[batch_size, 96, ?, ?]", "pooler_output float32[batch_size, 96]"},
               "logits float32[batch_size, 96]"},
        Family{"mobilenetv3_small_050", "timm/mobilenetv3", "classifier",
               {"last_hidden_state float32[batch_size, 288, floordiv(height+31,32), floordiv(width+31,32)]", "pooler_output float32[batch_size, 1024]"},
               "logits float32[batch_size, 1024]"},
        Family{"test_vit", "timm/vision_transformer", "head",
               {"last_hidden_state float32[batch_size, 101, 64]", "pooler_output float32[batch_size, 64]"},
               "logits float32[batch_size, 64]"}),
    [](const auto& info) { return std::string(info.param.checkpoint); });

TEST(TimmArguments, AnImageSizeThatThePositionsDoNotFitIsAnError) {
  Checkpoint checkpoint = load_checkpoint("test_vit");
  checkpoint.config = changed(checkpoint.config, R"({"model_args": {"img_size": 192}})");
  const WeightsFile file(checkpoint);
  try {
    build("timm/vision_transformer", checkpoint, "image-classification", file);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("the position table does not fit the image size"));
  }
}

TEST(TimmArguments, AnOutputStrideDilatesInsteadOfStriding) {
  Checkpoint checkpoint = load_checkpoint("test_resnet");
  const WeightsFile file(checkpoint);
  const std::string plain = node_list(build("timm/resnet", checkpoint, "image-classification", file));
  checkpoint.config = changed(checkpoint.config, R"({"model_args": {"output_stride": 8}})");
  const std::string dilated = node_list(build("timm/resnet", checkpoint, "image-classification", file));
  EXPECT_THAT(plain, Not(HasSubstr("dilations=[4,4]")));
  EXPECT_THAT(dilated, HasSubstr("dilations=[4,4]"));
}

}  // namespace
}  // namespace switchyard::recipes_test
