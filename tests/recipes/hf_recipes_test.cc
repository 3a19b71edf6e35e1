// Configurations of the transformers recipes beyond the cards: what must be refused, and what must not matter.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/recipes/card.h"
#include "tests/recipes/support.h"

namespace switchyard::recipes_test {
namespace {

using testing::HasSubstr;

Checkpoint with(const std::string& name, std::initializer_list<Map::Entry> changes) {
  Checkpoint checkpoint = load_checkpoint(name);
  Map config = checkpoint.config.as_map();
  for (const auto& [key, value] : changes) config.set(key, value);
  checkpoint.config = config;
  return checkpoint;
}

std::string nodes(const std::string& recipe, const Checkpoint& checkpoint, const std::string& task) {
  const WeightsFile file(checkpoint);
  return node_list(build(recipe, checkpoint, task, file));
}

std::string refusal(const std::string& recipe, const Checkpoint& checkpoint, const std::string& task) {
  try {
    nodes(recipe, checkpoint, task);
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

TEST(TransformersRecipes, RefuseWhatTheyCannotMake) {
  struct Case {
    const char* what;
    const char* recipe;
    Checkpoint checkpoint;
    const char* task;
    const char* message;
  };
  Checkpoint headless = with("bert__BertForSequenceClassification", {});
  headless.tensors.erase("classifier.weight");
  headless.tensors.erase("classifier.bias");
  Checkpoint narrow = with("bert__BertModel", {});
  narrow.tensors["encoder.layer.1.output.dense.weight"] = {31, 64};
  Checkpoint more = with("vit__ViTModel", {});
  more.tensors["encoder.layer.9.output.dense.weight"] = {32, 64};
  const Case kCases[] = {
      {"cross-attention", "bert", with("bert__BertModel", {{"is_decoder", true}, {"add_cross_attention", true}}),
       "feature-extraction", "cross-attention"},
      {"unknown positions", "bert", with("bert__BertModel", {{"position_embedding_type", "rotary"}}),
       "feature-extraction", "position_embedding_type"},
      {"unknown activation", "bert", with("bert__BertModel", {{"hidden_act", "gello"}}), "feature-extraction",
       "unknown activation 'gello'"},
      {"other image size", "vit", with("vit__ViTModel", {{"image_size", 64}}), "feature-extraction",
       "position table"},
      {"no head", "bert", headless, "text-classification", "not fine-tuned"},
      {"wrong shape", "bert", narrow, "feature-extraction", "tensor encoder.layer.1.output.dense.weight"},
      {"a tensor too many", "vit", more, "feature-extraction", "encoder.layer.9.output.dense.weight"},
      {"too many layers", "bert", with("bert__BertModel", {{"num_hidden_layers", 3}}), "feature-extraction",
       "encoder.layer.2"},
      {"unknown task", "vit", with("vit__ViTModel", {}), "fill-mask", "fill-mask"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.what);
    EXPECT_THAT(refusal(c.recipe, c.checkpoint, c.task), HasSubstr(c.message));
  }
}

// What the heads of other tasks and older programs leave in a checkpoint changes nothing.
TEST(TransformersRecipes, TakeWhatCheckpointsCarry) {
  Checkpoint plain = with("bert__BertForMaskedLM", {});
  Checkpoint untied = plain;
  untied.tensors["cls.predictions.decoder.weight"] = {99, 32};
  untied.tensors["cls.predictions.decoder.bias"] = {99};
  untied.tensors["bert.embeddings.position_ids"] = {1, 40};
  EXPECT_THAT(nodes("bert", untied, "fill-mask"), HasSubstr("/cls/predictions/Gemm: Gemm($decoder.weight"));

  Checkpoint pretrained = with("bert__BertForPreTraining", {});
  EXPECT_THAT(nodes("bert", pretrained, "feature-extraction"), HasSubstr("output pooler_output"));
  Checkpoint poolerless = with("bert__BertModel", {});
  for (const char* name : {"pooler.dense.weight", "pooler.dense.bias"}) {
    poolerless.tensors.erase(name);
    poolerless.tensors.erase(std::string("bert.") + name);
  }
  EXPECT_THAT(nodes("bert", poolerless, "feature-extraction"), testing::Not(HasSubstr("pooler_output")));
}

TEST(TransformersRecipes, TakeImagesThatAreNotSquare) {
  Checkpoint wide = with("vit__ViTForMaskedImageModeling", {{"image_size", List{16, 48}}});
  wide.tensors["vit.embeddings.position_embeddings"] = {1, 13, 32};
  EXPECT_THAT(nodes("vit", wide, "masked-im"),
              HasSubstr("output reconstruction: float32[batch_size, 3, 16, 48]"));
}

// The residual stream stays two-dimensional: one Gemm a linear layer, and a single look at the input's shape.
TEST(TransformersRecipes, MakeFewNodes) {
  const std::string list = nodes("bert", with("bert__BertForSequenceClassification", {}), "text-classification");
  const auto times = [&](const std::string& op) {
    std::size_t count = 0;
    for (auto at = list.find(": " + op + "("); at != list.npos; at = list.find(": " + op + "(", at + 1)) ++count;
    return count;
  };
  EXPECT_EQ(times("Gemm"), 2 * 6 + 2u);
  EXPECT_EQ(times("MatMul"), 2 * 2u);
  EXPECT_EQ(times("Shape"), 1u);
  EXPECT_EQ(times("LayerNormalization"), 1 + 2 * 2u);
  EXPECT_EQ(times("Transpose"), 2 * 4u);
}

}  // namespace
}  // namespace switchyard::recipes_test
