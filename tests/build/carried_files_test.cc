#include "stages/build/carried_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/json.h"
#include "tests/support/temporary_directory.h"

namespace switchyard {
namespace {

using testing::ElementsAre;
namespace fs = std::filesystem;

class CarriedFiles : public testing::Test {
 protected:
  std::vector<std::string> carry(const std::string& config) {
    ModelSource source;
    source.directory = directory / "model";
    source.config = parse_json(config, "config.json");
    Resolution resolution;
    resolution.outputs = {{"logits", "float32", {"batch_size", 3}, true}};
    if (!classifies) resolution.outputs[0].dims = {"batch_size", 8};
    fs::create_directories(directory / "out");
    return carry_files(*rules, source, resolution, directory / "out");
  }

  TemporaryDirectory directory;
  bool classifies = true;
  std::shared_ptr<const RuleBook> rules = RuleBook::from_texts(
      {{"files.yaml", "knowledge: carried_files\nrows: {config.json: a, '*.tiktoken': b, q*: c}\n"},
       {"subsets.yaml", "knowledge: label_subsets\nrows:\n  3: {subset: birds}\n"},
       {"labels.yaml", "knowledge: labels\nrows:\n  birds: [crane, wren, crane]\n"}});
};

TEST_F(CarriedFiles, ArePickedByPatternOnceAndWithoutDirectories) {
  for (const char* name : {"config.json", "qwen.tiktoken", "cl100k.tiktoken", ".hidden.tiktoken",
                           "model.safetensors", "q/inner.tiktoken"}) {
    write_text(directory / "model" / name, name);
  }
  write_text(directory / "elsewhere", "linked");
  fs::create_symlink(directory / "elsewhere", directory / "model/quotes.txt");
  EXPECT_THAT(carry("{}"),
              ElementsAre("config.json", "cl100k.tiktoken", "qwen.tiktoken", "quotes.txt"));
  EXPECT_EQ(read_text(directory / "out/quotes.txt"), "linked");
  EXPECT_FALSE(fs::is_symlink(directory / "out/quotes.txt"));
  EXPECT_FALSE(fs::exists(directory / "out/q"));
}

TEST_F(CarriedFiles, LabelsThatOnlyTheTablesKnowAreWritten) {
  fs::create_directories(directory / "model");
  EXPECT_THAT(carry(R"({"num_classes": 3})"), ElementsAre("labels.txt"));
  EXPECT_EQ(read_text(directory / "out/labels.txt"), "crane\nwren\ncrane\n");
  for (const char* config :
       {"{}", R"({"num_classes": 4})", R"({"num_classes": 3, "label_names": ["a", "b", "c"]})",
        R"({"num_classes": 3, "id2label": {"0": "a"}})"}) {
    EXPECT_THAT(carry(config), ElementsAre()) << config;
  }
  classifies = false;
  EXPECT_THAT(carry(R"({"num_classes": 3})"), ElementsAre());
}

}  // namespace
}  // namespace switchyard
