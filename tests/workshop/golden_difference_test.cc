// Differences name the rules responsible, before and now.
#include "stages/workshop/golden/golden_difference.h"

#include <gtest/gtest.h>

#include <string>

#include "stages/workshop/golden/golden.h"
#include "stages/workshop/golden/golden_text.h"
#include "tests/resolve/support.h"

namespace switchyard {
namespace {

constexpr const char* kCase =
    R"({"name": "a", "request": {"config": {"model_type": "vit", "architectures": ["ViTModel"]}}})";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

class ChangedRules : public testing::Test {
 protected:
  ChangedRules() {
    golden.write("b.jsonl", std::string(kCase) + "\n");
    run_golden(shipped_rules(), golden.path(), {.update = true});
  }

  GoldenResult under(const std::string& overlay) {
    rules.write("o.yaml", overlay);
    book = RuleBook::load({.overlays = {rules.path()}});
    return run_golden(*book, golden.path()).cases.at(0);
  }
  // "field: BEFORE -> AFTER"; what the difference of that field says of its rules.
  static std::string rules_of(const GoldenResult& result, const std::string& field) {
    const auto side = [](const std::optional<Responsible>& rule) {
      if (!rule) return std::string("-");
      return rule->decision + "/" + rule->id + (rule->place.known() ? "" : " (gone)") +
             (rule->fate.empty() ? "" : ", " + rule->fate);
    };
    for (const GoldenDifference& difference : result.differences) {
      if (difference.field == field)
        return side(difference.before) + " -> " + side(difference.after);
    }
    return "no difference";
  }

  TemporaryDirectory golden, rules;
  std::shared_ptr<const RuleBook> book;
};

TEST_F(ChangedRules, OutrankedRuleIsNamed) {
  const GoldenResult result = under(
      "decision: task\nrules:\n"
      "  - {id: mine, priority: 950, when: {model_type: vit}, then: {task: depth-estimation}}\n");
  EXPECT_EQ(rules_of(result, "optimum_task"), "task/head/architecture, outranked -> task/mine");
  // What was upgraded by the modality no longer is.
  EXPECT_EQ(
      rules_of(result, "task"),
      "modality/pixel-values, failed at task: feature-extraction (is \"depth-estimation\") -> "
      "task/mine");
}

TEST_F(ChangedRules, RemovedRuleIsNamed) {
  const GoldenResult result =
      under("decision: task\nrules:\n  - {id: head/architecture, disabled: true}\n");
  EXPECT_EQ(rules_of(result, "source"),
            "task/head/architecture (gone), no longer in force -> task/last-resort");
}

TEST_F(ChangedRules, ChangedConditionIsNamed) {
  const GoldenResult result = under(
      "decision: modality\nrules:\n  - {id: pixel-values, when: {task: feature-extraction, "
      "main_input_name: sound}, then: {task: image-feature-extraction}}\n");
  EXPECT_EQ(rules_of(result, "task"),
            "modality/pixel-values, failed at main_input_name: sound (is \"pixel_values\") -> "
            "task/head/architecture");
}

TEST_F(ChangedRules, ChangedOutputKeepsTheRule) {
  const GoldenResult result = under(
      "decision: calibration\nrules:\n  - {id: images, priority: 200, then: {source: image-folder, "
      "samples: 32}}\n");
  ASSERT_EQ(result.differences.size(), 1u);
  EXPECT_EQ(result.differences[0].field, "calibration.samples");
  EXPECT_EQ(rules_of(result, "calibration.samples"), "calibration/images -> calibration/images");
}

TEST_F(ChangedRules, RuleAloneIsADifference) {
  const GoldenResult result = under(
      "decision: calibration\nrules:\n  - {id: mine, priority: 900, then: {source: image-folder, "
      "samples: 100}}\n");
  ASSERT_EQ(result.differences.size(), 1u);
  EXPECT_EQ(rules_of(result, "rules.calibration"),
            "calibration/images, outranked -> calibration/mine");
}

TEST_F(ChangedRules, ErrorInPlaceOfAnOutcomeIsOneDifference) {
  const GoldenResult result =
      under("decision: task\nrules:\n  - {id: mine, priority: 950, then: {error: not this one}}\n");
  ASSERT_EQ(result.differences.size(), 1u);
  EXPECT_EQ(rules_of(result, "expect"), "task/head/architecture, outranked -> task/mine");
  EXPECT_NE(golden_result_text(result, false).find(R"(+ error "not this one")"), std::string::npos)
      << golden_result_text(result, false);
}

TEST_F(ChangedRules, EditedExpectationNamesFieldAndRule) {
  std::string text = golden.read("b.jsonl");
  text = replaced(text, R"("task":"image-feature-extraction")", R"("task":"fill-mask")");
  text = replaced(text, R"("task":"head/architecture")", R"("task":"sentinel/vit")");
  golden.write("b.jsonl", text);
  const GoldenResult result = run_golden(shipped_rules(), golden.path()).cases.at(0);
  ASSERT_EQ(result.differences.size(), 2u);
  EXPECT_EQ(result.differences[0].str(),
            (golden.path() / "b.jsonl").string() +
                ":1: a: task: expected \"fill-mask\", is \"image-feature-extraction\"");
  EXPECT_EQ(result.differences[1].field, "rules.task");
  EXPECT_EQ(rules_of(result, "rules.task"),
            "task/sentinel/vit (gone), no longer in force -> task/head/architecture");
}

TEST_F(ChangedRules, TextIsADiffWithPlaces) {
  const GoldenResult result = under(
      "decision: task\nrules:\n"
      "  - {id: mine, priority: 950, when: {model_type: vit}, then: {task: depth-estimation}}\n");
  const std::string text = golden_result_text(result, false);
  const std::string overlay = (rules.path() / "o.yaml").string() + ":3";
  EXPECT_TRUE(text.starts_with((golden.path() / "b.jsonl").string() + ":1: a\n  task\n")) << text;
  EXPECT_NE(text.find("    - \"feature-extraction\"  head/architecture at rules/tasks.yaml:"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(", outranked\n    + \"depth-estimation\"    mine at " + overlay + "\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find('\033'), std::string::npos);
  EXPECT_NE(golden_result_text(result, true).find("\033[31m- "), std::string::npos);
}

TEST(TableDifferences, NameTheRuleOfTheTable) {
  const auto book = RuleBook::from_texts({{"t.yaml", R"(
decision: one
rules:
  - {id: a, priority: 2, when: {x: 1}, then: {r: {deep: 1}}}
  - {id: b, priority: 1, when: {x: [1, 2]}, then: {r: {deep: 2}}}
---
decision: many
hit_policy: collect
rules:
  - {id: p, then: {r: 1}}
  - {id: q, when: {x: 1}, then: {r: 2}}
)"}});
  struct Case {
    const char* line;
    const char* differences;  // "FIELD EXPECTED ACTUAL; "
  };
  const Case cases[] = {
      {R"({"decision": "one", "facts": {"x": 2}, "expect": {"rule": "a", "outputs": {"r": {"deep": 1}}}})",
       R"(rule "a" "b"; outputs.r.deep 1 2; )"},
      {R"({"decision": "one", "facts": {"x": 3}, "expect": {"rule": "a", "outputs": {}}})",
       R"(expect {"rule":"a","outputs":{}} null; )"},
      {R"({"decision": "one", "facts": {"x": 2}, "expect": null})",
       R"(expect null {"rule":"b","outputs":{"r":{"deep":2}}}; )"},
      {R"({"decision": "many", "facts": {"x": 1}, "expect": [{"rule": "p", "outputs": {"r": 9}}]})",
       R"(p.outputs.r 9 1; q null {"rule":"q","outputs":{"r":2}}; )"},
      {R"({"decision": "many", "facts": {}, "expect": [{"rule": "p", "outputs": {"r": 1}}, {"rule": "z"}]})",
       R"(z {"rule":"z"} null; )"},
      {R"({"decision": "many", "facts": {"x": 1}, "expect": [{"rule": "q", "outputs": {"r": 2}}, )"
       R"({"rule": "p", "outputs": {"r": 1}}]})",
       R"(order ["q","p"] ["p","q"]; )"},
      {R"({"decision": "one", "facts": {"x": 3}})", "expect null null; "},
  };
  for (const auto& [line, expected] : cases) {
    TemporaryDirectory directory;
    directory.write("a.jsonl", line);
    const GoldenReport report = run_golden(*book, directory.path());
    std::string text;
    for (const GoldenDifference& d : report.cases.at(0).differences) {
      text += d.field + " " + d.expected.to_json() + " " + d.actual.to_json() + "; ";
    }
    EXPECT_EQ(text, expected) << line;
  }
  TemporaryDirectory directory;
  directory.write("a.jsonl", cases[0].line);
  const GoldenReport report = run_golden(*book, directory.path());
  const GoldenDifference& first = report.cases.at(0).differences.at(0);
  EXPECT_EQ(first.before->fate, "failed at x: 1 (is 2)");
  EXPECT_EQ(first.before->place.str(), "t.yaml:4:5");
  EXPECT_EQ(first.after->place.str(), "t.yaml:5:5");
}

}  // namespace
}  // namespace switchyard
