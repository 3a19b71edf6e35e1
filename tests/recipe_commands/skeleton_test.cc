// First recipes for the checkpoints of tests/data/recipes.
#include "stages/export/skeleton/skeleton.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "stages/export/recipe/static/static_check.h"
#include "tests/recipes/support.h"

namespace switchyard {
namespace {

using recipes_test::Checkpoint;
using recipes_test::WeightsFile;
using testing::HasSubstr;

std::string skeleton_of(const Checkpoint& checkpoint, const std::string& model_type) {
  const WeightsFile file(checkpoint);
  SkeletonRequest request;
  request.name = "mine";
  request.model_type = model_type;
  request.task = "feature-extraction";
  request.config = checkpoint.config;
  request.inputs = {{"input_ids", "int64", {"batch_size", "sequence_length + 1"}, true}};
  request.outputs = {{"last_hidden_state", "float32", {}, false}};
  return recipe_skeleton(request, tensor_list(file.weights()));
}

std::string errors_of(const std::string& text) {
  Problems problems;
  recipe::check_source(recipes_test::shipped_rules(), {text, "mine.yaml"}, false, problems);
  std::string errors;
  for (const Problem& problem : problems) {
    if (problem.severity == Problem::Severity::kError) errors += problem.str() + "\n";
  }
  return errors;
}

TEST(Skeleton, RepeatedLayersAreOneBlockInALoop) {
  const std::string text = skeleton_of({Map{{"layer_norm_eps", 1e-12}, {"num_attention_heads", 4}},
                                        {{"tiny.word_embeddings.weight", {9, 4}},
                                         {"tiny.layer.0.dense.weight", {4, 4}},
                                         {"tiny.layer.0.dense.bias", {4}},
                                         {"tiny.layer.0.norm.weight", {4}},
                                         {"tiny.layer.0.norm.bias", {4}},
                                         {"tiny.layer.1.dense.weight", {4, 4}},
                                         {"tiny.layer.1.dense.bias", {4}},
                                         {"tiny.layer.1.norm.weight", {4}},
                                         {"tiny.layer.1.norm.bias", {4}},
                                         {"classifier.weight", {2, 4}},
                                         {"odd-one.scale", {1}}}},
                                       "tiny");
  EXPECT_EQ(errors_of(text), "") << text;
  EXPECT_THAT(text, HasSubstr("prefix: 'tiny'\nuse: [linear, norm]\n"));
  EXPECT_THAT(text, HasSubstr("  layer_norm_eps: config.layer_norm_eps"));
  EXPECT_THAT(text,
              HasSubstr("  input_ids: {dtype: int64, dims: [batch_size, sequence_length___1]}"));
  EXPECT_THAT(
      text, HasSubstr("  layer_block(x):\n"
                      "    - x = linear(x)                         @ dense                         "
                      "# weight [4, 4], bias [4]\n"));
  EXPECT_THAT(text, HasSubstr("    - x = layer_norm(x)                     @ norm "));
  EXPECT_THAT(text, HasSubstr("- for: i in range(count(tiny.layer.*))"));
  EXPECT_THAT(text,
              HasSubstr("- x = layer_block(x)" + std::string(18, ' ') + "@ tiny.layer.{i}\n"));
  EXPECT_THAT(text, HasSubstr("- x = Gather($weight, input_ids)"));
  EXPECT_THAT(text, HasSubstr("- scale = $\"odd-one.scale\""));
  // What lies beside the base model is the head's.
  EXPECT_LT(text.find("heads:"), text.find("@ classifier"));
  EXPECT_THAT(text, HasSubstr("      'last_hidden_state': x\n"));
}

class SkeletonOfCard : public testing::TestWithParam<const char*> {};

// The last parts of each tensor's name stand in the text: its module as a scope or itself as $name.
TEST_P(SkeletonOfCard, CanBeReadAndHasEveryTensor) {
  const Checkpoint checkpoint = recipes_test::load_checkpoint(GetParam());
  const Value* type = checkpoint.config.find("model_type");
  const std::string text =
      skeleton_of(checkpoint, type && type->is_string() ? type->as_string() : "");
  EXPECT_EQ(errors_of(text), "") << text;
  for (const auto& [name, shape] : checkpoint.tensors) {
    if (name.ends_with("num_batches_tracked")) continue;
    std::string scope = name.substr(0, name.rfind('.'));
    // Behind the last number: the number itself may be a loop's.
    std::string tail;
    for (;;) {
      const std::size_t dot = scope.rfind('.');
      const std::string part = dot == scope.npos ? scope : scope.substr(dot + 1);
      if (part.find_first_not_of("0123456789") == part.npos) break;
      tail = part + (tail.empty() ? "" : "." + tail);
      if (dot == scope.npos) break;
      scope.resize(dot);
    }
    const std::string leaf = name.substr(name.rfind('.') + 1);
    const bool called = text.find(tail + " ") != text.npos || text.find(tail + "\n") != text.npos;
    const bool used = text.find("$" + (tail.empty() ? leaf : tail + "." + leaf)) != text.npos;
    const bool inside = text.find("." + (tail.empty() ? leaf : tail + "." + leaf)) != text.npos;
    EXPECT_TRUE((tail.empty() ? text.find(leaf) != text.npos : called) || used || inside) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Cards, SkeletonOfCard,
                         testing::Values("bert__BertForMaskedLM",
                                         "bart__BartForSequenceClassification",
                                         "beit__BeitForSemanticSegmentation",
                                         "altclip__AltCLIPModel"));

}  // namespace
}  // namespace switchyard
