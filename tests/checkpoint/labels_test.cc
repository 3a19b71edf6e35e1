#include "stages/checkpoint/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/json.h"

namespace switchyard {
namespace {

using testing::ElementsAre;
using Labels = std::vector<std::string>;

std::shared_ptr<const RuleBook> rules() {
  return RuleBook::from_texts(
      {{"subsets.yaml",
        "knowledge: label_subsets\nrows:\n  3: {subset: birds, labels: labels/birds}\n"},
       {"labels.yaml", "knowledge: labels/birds\nrows:\n  0: crane\n  1: wren\n  2: crane\n"}});
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

}  // namespace
}  // namespace switchyard
