// Rules laid over the shipped ones.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "stages/resolve/resolve.h"
#include "tests/resolve/support.h"

namespace switchyard {
namespace {

std::shared_ptr<const RuleBook> with_overlay(const std::filesystem::path& overlay) {
  return RuleBook::load({.overlays = {overlay}, .base = {}});
}

constexpr const char* kTimm =
    R"({"config": {"architecture": "resnet18", "pretrained_cfg": {"tag": "x"}}})";

// The task of a wrapped library's model is derived from what the library can export.
TEST(Overlay, TaskFollowsTheLibrarysSupportedTasks) {
  const Resolution shipped = resolve_json(shipped_rules(), kTimm);
  EXPECT_EQ(shipped.task, "image-classification");
  EXPECT_TRUE(shipped.warnings.empty());

  TemporaryDirectory overlay;
  overlay.write("supported.yaml",
                "knowledge: supported_tasks\n"
                "rows:\n"
                "  timm/default-timm-config: [feature-extraction, image-classification]\n");
  const Resolution changed = resolve_json(*with_overlay(overlay.path()), kTimm);
  EXPECT_EQ(changed.task, "image-feature-extraction");
  EXPECT_EQ(changed.optimum_task, "feature-extraction");
  EXPECT_EQ(changed.source, "wrapped-library");
  ASSERT_EQ(changed.warnings.size(), 1u);
  for (const char* word : {"feature-extraction", "image-classification", "--task"}) {
    EXPECT_NE(changed.warnings[0].find(word), std::string::npos) << changed.warnings[0];
  }
}

// "A model type with exactly one registered task takes that task": off, and an example.
TEST(Overlay, SingleRegisteredTask) {
  const auto example =
      with_overlay(source_directory() / "examples/overlays/single-registered-task");
  std::vector<std::filesystem::path> files = {source_directory() /
                                              "tests/data/resolution_sample.jsonl"};
  const auto whole = source_directory() / "../shared/cases/resolution.jsonl";
  if (std::filesystem::exists(whole)) files.push_back(whole);
  std::size_t tested = 0;
  for (const auto& file : files) {
    for (const Value& request : json_lines(file)) {
      const Value* task = request.find("single_real_task");
      if (task == nullptr) continue;
      ++tested;
      EXPECT_EQ(resolve_json(*example, request.to_json()).task, task->as_string())
          << request.to_json();
      EXPECT_NE(resolve_json(shipped_rules(), request.to_json()).task, task->as_string());
    }
  }
  EXPECT_GE(tested, 3u);
}

TEST(Overlay, NewModelType) {
  TemporaryDirectory overlay;
  overlay.write("types.yaml",
                "knowledge: model_types\n"
                "rows:\n"
                "  brandnew: {standalone: true, base_class: BrandNewModel}\n");
  overlay.write("classes.yaml",
                "knowledge: architectures\n"
                "rows:\n"
                "  BrandNewModel: {model_type: brandnew, task: feature-extraction,"
                " main_input_name: pixel_values}\n");
  overlay.write("recipe.yaml", "recipe: brandnew\n");
  const auto rules = with_overlay(overlay.path());
  const Resolution r = resolve_json(
      *rules, R"({"config": {"model_type": "brandnew", "architectures": ["BrandNewModel"]}})");
  EXPECT_EQ(r.task, "image-feature-extraction");
  EXPECT_EQ(r.recipe, "brandnew");
  EXPECT_NE(error_of(shipped_rules(), R"({"config": {"model_type": "brandnew"}})"), "");
}

TEST(Overlay, SentinelOfAUser) {
  TemporaryDirectory overlay;
  overlay.write("mine.yaml",
                "decision: task\n"
                "rules:\n"
                "  - {id: sentinel/vit, priority: 700, when: {model_type_key: vit, task: null},"
                " then: {task: image-classification}, source: sentinel-default}\n"
                "  - {id: sentinel/sam, disabled: true}\n");
  const auto rules = with_overlay(overlay.path());
  const char* vit = R"({"config": {"model_type": "vit", "architectures": ["ViTModel"]}})";
  EXPECT_EQ(resolve_json(*rules, vit).task, "image-classification");
  EXPECT_EQ(resolve_json(*rules, R"({"options": {"model_type": "ViT"}})").task,
            "image-classification");
  EXPECT_EQ(resolve_json(*rules, R"({"options": {"model_type": "sam"}})").task,
            "image-feature-extraction");
}

}  // namespace
}  // namespace switchyard
