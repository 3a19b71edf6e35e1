#include "stages/checkpoint/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "engine/json.h"

namespace switchyard {
namespace {

using testing::ElementsAre;
using Labels = std::vector<std::string>;

std::shared_ptr<const RuleBook> rules() {
  return RuleBook::from_texts(
      {{"subsets.yaml", "knowledge: label_subsets\nrows:\n  3: {subset: birds}\n"},
       {"labels.yaml", "knowledge: labels\nrows:\n  birds: [crane, wren, crane]\n"}});
}

TEST(ClassLabels, ComeFromTheConfigThenTheTables) {
  struct Case {
    const char* config;
    std::size_t classes;
    Labels labels;
  };
  const Case kCases[] = {
      {R"({"id2label": {"10": "k", "2": "c", "0": "a", "1": "b"}})", 3, {"a", "b", "c"}},
      {R"({"id2label": {"1": "b", "0": "a"}})", 0, {"a", "b"}},
      {R"({"id2label": {"0": "a", "x": "b", "1": 7}})", 0, {"a", "7"}},
      {R"({"id2label": {"0": "a", "2": "c"}})", 0, {"a", "LABEL_1", "c"}},
      {R"({"id2label": {"0": "a"}})", 2, {"a", "LABEL_1"}},
      {R"({"label_names": ["u", "v"], "num_classes": 2})", 2, {"u", "v"}},
      {R"({"num_classes": 3})", 3, {"crane", "wren", "crane"}},
      {R"({"pretrained_cfg": {"num_classes": 3}})", 0, {"crane", "wren", "crane"}},
      {R"({"num_classes": 3})", 2, {"LABEL_0", "LABEL_1"}},
      {R"({"num_classes": 2})", 2, {"LABEL_0", "LABEL_1"}},
      {R"({"id2label": null, "num_labels": 2})", 0, {"LABEL_0", "LABEL_1"}},
      {R"({"id2label": {"99999999999": "far"}})", 1, {"LABEL_0"}},
      {R"({})", 0, {}},
  };
  const auto book = rules();
  for (const Case& c : kCases) {
    EXPECT_EQ(class_labels(*book, parse_json(c.config, "config.json"), c.classes), c.labels)
        << c.config;
  }
}

TEST(ClassLabels, DoWithoutTables) {
  const auto book = RuleBook::from_texts({});
  EXPECT_THAT(class_labels(*book, parse_json(R"({"num_classes": 3})", "c"), 0),
              ElementsAre("LABEL_0", "LABEL_1", "LABEL_2"));
}

// The shipped tables: two classes are a "crane", and both keep their name.
TEST(ClassLabels, OfImageNetMayRepeat) {
  const auto book = RuleBook::load({.base = SWITCHYARD_SOURCE_DIR "/rules"});
  const Labels labels = class_labels(*book, parse_json(R"({"num_classes": 1000})", "c"), 1000);
  ASSERT_EQ(labels.size(), 1000u);
  EXPECT_EQ(labels[0], "tench, Tinca tinca");
  EXPECT_EQ(std::set<std::string>(labels.begin(), labels.end()).size(), 999u);
  EXPECT_EQ(class_labels(*book, parse_json(R"({"num_classes": 11821})", "c"), 0).size(), 11821u);
}

}  // namespace
}  // namespace switchyard
