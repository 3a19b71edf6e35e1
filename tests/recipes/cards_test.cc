// Each card in tests/data/recipes goes all the way: checkpoint on disk, resolution, export, ONNX Runtime, numbers.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "stages/checkpoint/checkpoint.h"
#include "stages/export/export.h"
#include "stages/resolve/resolve.h"
#include "tests/recipes/card.h"
#include "tests/recipes/support.h"

namespace switchyard::recipes_test {
namespace {

namespace fs = std::filesystem;

// Of the largest magnitude of an output, as the cards are checked elsewhere.
constexpr double kTolerance = 5e-4;

std::vector<std::string> card_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(SWITCHYARD_SOURCE_DIR "/tests/data/recipes")) {
    const std::string name = entry.path().stem().string();
    if (name.find("__") != name.npos) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Cards : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "switchyard-card-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }
  fs::path directory_;
};

TEST_P(Cards, GiveTheReferenceNumbers) {
  const Card card = read_card(fs::path(SWITCHYARD_SOURCE_DIR) / "tests/data/recipes" / (GetParam() + ".json"));
  materialize(card, directory_);
  const ModelSource source = find_model(directory_.string());
  ResolveRequest request{.config = source.config, .config_file = source.config_file.string()};
  request.options.task = card.task;
  Resolution resolution = resolve(shipped_rules(), request);
  if (const Value* part = card.json.find("part"); part != nullptr && part->is_string()) {
    resolution.part = part->as_string();
  }
  const fs::path model = directory_ / "model.onnx";
  for (const WeightMode mode : {WeightMode::kEmbed, WeightMode::kReference}) {
    export_model(shipped_rules(), source, resolution, model, {.weights = mode, .overwrite = true});
    const NamedTensors outputs = Session(model).run(inputs_of(card));
    EXPECT_EQ(difference(card, "outputs", outputs, kTolerance), "");
    EXPECT_EQ(difference(card, "extra_outputs", outputs, kTolerance), "");
  }
}

INSTANTIATE_TEST_SUITE_P(All, Cards, testing::ValuesIn(card_names()), [](const auto& info) {
  std::string name = info.param;
  std::replace_if(name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

}  // namespace
}  // namespace switchyard::recipes_test
