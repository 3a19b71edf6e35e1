// A checkpoint that does not fit its recipe is an error that names the tensor.
#include <gtest/gtest.h>
#include <gmock/gmock.h>

#include "engine/error.h"
#include "tests/recipes/support.h"

namespace switchyard::recipes_test {
namespace {

using testing::HasSubstr;

struct Family {
  const char* checkpoint;
  const char* recipe;
  const char* tensor;  // one that the recipe needs, with two or more dimensions
};

class BrokenCheckpoint : public testing::TestWithParam<Family> {
 protected:
  std::string message_of(const Checkpoint& checkpoint) {
    const WeightsFile file(checkpoint);
    try {
      build(GetParam().recipe, checkpoint, "image-classification", file);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kModel);
      return error.what();
    }
    return "no error";
  }

  Checkpoint checkpoint_ = load_checkpoint(GetParam().checkpoint);
  const std::string tensor_ = GetParam().tensor;
};

TEST_P(BrokenCheckpoint, WholeOneIsFine) { EXPECT_EQ(message_of(checkpoint_), "no error"); }

TEST_P(BrokenCheckpoint, DroppedTensorIsMissed) {
  checkpoint_.tensors.erase(tensor_);
  EXPECT_THAT(message_of(checkpoint_), HasSubstr("the checkpoint has no tensor '" + tensor_ + "'"));
}

TEST_P(BrokenCheckpoint, RenamedTensorIsMissed) {
  auto node = checkpoint_.tensors.extract(tensor_);
  node.key() += "s";
  checkpoint_.tensors.insert(std::move(node));
  EXPECT_THAT(message_of(checkpoint_), HasSubstr("the checkpoint has no tensor '" + tensor_ + "'"));
}

TEST_P(BrokenCheckpoint, AddedTensorIsUnused) {
  const std::string stray = tensor_.substr(0, tensor_.rfind('.')) + ".stray";
  checkpoint_.tensors[stray] = {3};
  EXPECT_THAT(message_of(checkpoint_), HasSubstr("leaves " + stray + " of the checkpoint unused"));
}

TEST_P(BrokenCheckpoint, OtherShapeDoesNotFit) {
  ++checkpoint_.tensors[tensor_][1];
  EXPECT_THAT(message_of(checkpoint_), HasSubstr(tensor_ + " takes"));
}

TEST_P(BrokenCheckpoint, OtherRankDoesNotFit) {
  checkpoint_.tensors[tensor_].push_back(1);
  const std::string message = message_of(checkpoint_);
  EXPECT_THAT(message, HasSubstr("does not fit its operands"));
  EXPECT_THAT(message, HasSubstr(tensor_));
}

INSTANTIATE_TEST_SUITE_P(Families, BrokenCheckpoint,
                         testing::Values(Family{"test_resnet", "timm/resnet", "layer3.0.conv2.weight"},
                                         Family{"mobilenetv3_small_050", "timm/mobilenetv3", "blocks.3.0.conv_pwl.weight"},
                                         Family{"test_vit", "timm/vision_transformer", "blocks.2.attn.proj.weight"}),
                         [](const auto& info) { return std::string(info.param.checkpoint); });

}  // namespace
}  // namespace switchyard::recipes_test
