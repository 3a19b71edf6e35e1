// The nodes that each recipe makes for one checkpoint, line by line.
// After a deliberate change: run with SWITCHYARD_UPDATE_GOLDEN=1 and commit the difference.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/recipes/support.h"

namespace switchyard::recipes_test {
namespace {

struct Case {
  const char* checkpoint;
  const char* recipe;
  const char* task;
};

class GoldenNodes : public testing::TestWithParam<Case> {};

TEST_P(GoldenNodes, AreThoseInTheFile) {
  const Checkpoint checkpoint = load_checkpoint(GetParam().checkpoint);
  const WeightsFile file(checkpoint);
  const std::string now = node_list(build(GetParam().recipe, checkpoint, GetParam().task, file));
  const std::string path = std::string(SWITCHYARD_SOURCE_DIR) + "/tests/golden/recipes/" + GetParam().checkpoint + ".txt";
  if (std::getenv("SWITCHYARD_UPDATE_GOLDEN")) std::ofstream(path, std::ios::binary) << now;
  const std::string expected = read_file(path);
  if (now == expected) return;
  std::istringstream a(expected), b(now);
  std::string was, is;
  for (int line = 1;; ++line) {
    was.clear();
    is.clear();
    const bool more = static_cast<bool>(std::getline(a, was)) | static_cast<bool>(std::getline(b, is));
    if (!more) break;
    if (was != is) {
      FAIL() << path << ":" << line << "\n  was: " << was << "\n  is:  " << is;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Families, GoldenNodes,
                         testing::Values(Case{"test_resnet", "timm/resnet", "image-classification"},
                                         Case{"mobilenetv3_small_050", "timm/mobilenetv3", "image-classification"},
                                         Case{"timm__test_convnext3", "timm/convnext", "image-classification"},
                                         Case{"timm__test_efficientnet", "timm/efficientnet", "image-classification"},
                                         Case{"test_vit", "timm/vision_transformer", "image-classification"},
                                         Case{"bert__BertForSequenceClassification", "bert", "text-classification"},
                                         Case{"roberta__RobertaForMaskedLM", "roberta", "fill-mask"},
                                         Case{"electra__ElectraForPreTraining", "electra", "pretraining"},
                                         Case{"distilbert__DistilBertForMaskedLM", "distilbert", "fill-mask"},
                                         Case{"albert__AlbertModel", "albert", "feature-extraction"},
                                         Case{"vit__ViTForImageClassification", "vit", "image-classification"}),
                         [](const auto& info) { return std::string(info.param.checkpoint); });

}  // namespace
}  // namespace switchyard::recipes_test
