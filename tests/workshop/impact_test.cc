// What a change of the rules does to a corpus, and who is named as its cause.
#include "stages/workshop/impact/impact.h"

#include <gtest/gtest.h>

#include "engine/json.h"
#include "tests/resolve/support.h"

namespace switchyard {
namespace {

constexpr const char* kCorpus =
    R"({"id": "sam", "config": {"model_type": "sam", "architectures": ["SamModel"]}})"
    "\n"
    R"({"id": "vit", "config": {"model_type": "vit", "architectures": ["ViTModel"]}})"
    "\n"
    R"({"name": "golden", "request": {"config": {"model_type": "sam"}}, "expect": {}})"
    "\n"
    R"({"config": {"model_type": "bert", "architectures": ["BertForMaskedLM"]}, "model_id": "a/b"})"
    "\n"
    R"({"config": {"model_type": "no-such-type"}})"
    "\n\n"
    "no json\n"
    R"({"id": 7, "options": 3})"
    "\n";

class Impact : public testing::Test {
 protected:
  Impact() { directory.write("corpus.jsonl", kCorpus); }

  ImpactReport measure(const RuleSets& sets, int threads = 1, std::size_t examples = 5) {
    return measure_impact(sets, {(directory.path() / "corpus.jsonl").string()},
                          {examples, threads, {}});
  }
  // With an overlay of one file.
  RuleSets overlay(const std::string& text) {
    directory.write("overlay/rules.yaml", text);
    return load_rule_sets(std::nullopt, (directory.path() / "overlay").string());
  }
  // The report as JSON, for an overlay of one file.
  Value report(const std::string& text) {
    const RuleSets sets = overlay(text);
    return json(impact_json(sets, measure(sets)));
  }

  TemporaryDirectory directory;
};

std::string text_at(const Value& value, std::string_view path) {
  const Value* found = value.find_path(path);
  return found == nullptr     ? "(nothing)"
         : found->is_string() ? found->as_string()
                              : found->to_json();
}

TEST_F(Impact, NoChange) {
  const RuleSets sets = overlay("decision: task\nrules: []\n");
  const ImpactReport report = measure(sets);
  EXPECT_FALSE(report.any());
  EXPECT_EQ(report.models(), 7u);
  EXPECT_EQ(report.same(), 4u);
  EXPECT_EQ(report.failing(), 1u);
  EXPECT_EQ(report.unreadable(), 2u);
  EXPECT_NE(impact_markdown(sets, report).find("no model of 7 changes"), std::string::npos);
}

// Each case: an overlay and what the report says of its one cause.
TEST_F(Impact, NamesTheCause) {
  struct Case {
    const char* name;
    const char* overlay;
    const char* kind;
    const char* decision;
    const char* rule;
    const char* models;
    const char* before;
    const char* after;
    bool outcome;
  };
  const Case cases[] = {
      {"a new rule", R"(
decision: task
rules:
  - {id: mine/sam, priority: 710, when: {model_type: sam}, then: {task: image-segmentation}}
)",
       "new_rule", "task", "mine/sam", "2", "mask-generation", "image-segmentation", true},
      {"a rule taken out", R"(
decision: task
rules: [{id: sentinel/sam, disabled: true}]
)",
       "removed_rule", "task", "sentinel/sam", "2", "mask-generation", "feature-extraction", true},
      {"the same rule with another output", R"(
decision: task
rules:
  - {id: sentinel/sam, priority: 700, when: {model_type: sam}, then: {task: feature-extraction},
     source: sentinel-default}
)",
       "same_rule", "task", "sentinel/sam", "2", "mask-generation", "feature-extraction", true},
      {"a rule that decides nothing any more", R"(
decision: modality
rules: [{id: pixel-values, disabled: true}]
)",
       "removed_rule", "modality", "pixel-values", "1", "image-feature-extraction", "null", true},
      {"a rule that holds for nothing any more", R"(
decision: modality
rules:
  - {id: pixel-values, priority: 100, when: {task: nothing}, then: {task: feature-extraction}}
)",
       "lost_rule", "modality", "pixel-values", "1", "image-feature-extraction", "null", true},
      {"the same outcome by another rule", R"(
decision: task
rules:
  - {id: mine/sam, priority: 710, when: {model_type: sam}, then: {task: mask-generation},
     source: sentinel-default}
)",
       "new_rule", "task", "mine/sam", "2", "mask-generation", "mask-generation", false},
      {"another source word", R"(
decision: task
rules:
  - {id: sentinel/sam, priority: 700, when: {model_type: sam}, then: {task: mask-generation},
     source: another-word}
)",
       "same_rule", "task", "sentinel/sam", "2", "sentinel-default", "another-word", false},
      {"a map shows only what differs", R"(
decision: optimization
rules: [{id: mine, priority: 1000, when: {model_type: vit}, then: {level: extended}}]
)",
       "new_rule", "optimization", "mine", "1", R"({"level":"basic"})", R"({"level":"extended"})",
       true},
      {"an error appears", R"(
decision: task
rules: [{id: mine/no, priority: 2000, when: {model_type: vit}, then: {error: no vit here}}]
)",
       "new_rule", "task", "mine/no", "1", "feature-extraction", "null", true},
      {"an error by knowledge", R"(
knowledge: model_types
rows: {no-such-type: {}}
)",
       "error", "error", "", "1", "", "null", true},
      {"knowledge alone", R"(
knowledge: onnx_configs
rows: {transformers/vit: {feature-extraction: MyOnnxConfig}}
)",
       "knowledge", "onnx_config", "null", "1", "ViTOnnxConfig", "MyOnnxConfig", true},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const Value found = report(c.overlay);
    ASSERT_EQ(found.find("causes")->as_list().size(), 1u) << found.to_json(2);
    EXPECT_EQ(text_at(found, "causes.0.cause"), c.kind);
    EXPECT_EQ(text_at(found, "causes.0.decision"), c.decision);
    if (*c.rule != '\0') {
      EXPECT_EQ(text_at(found, "causes.0.rule"), c.rule);
    }
    EXPECT_EQ(text_at(found, "causes.0.models"), c.models);
    if (*c.before != '\0') {
      EXPECT_EQ(text_at(found, "causes.0.changes.0.before"), c.before);
    }
    EXPECT_EQ(text_at(found, "causes.0.changes.0.after"), c.after);
    EXPECT_EQ(text_at(found, "causes.0.outcome_changes"), c.outcome ? "true" : "false");
    EXPECT_EQ(text_at(found, "changed"), c.outcome ? c.models : "0");
    EXPECT_EQ(text_at(found, "rerouted"), c.outcome ? "0" : c.models);
  }
}

TEST_F(Impact, NamesModelsByWhatTheyHave) {
  const Value found = report(R"(
decision: library
rules: [{id: mine, priority: 2000, then: {library: mine}}]
)");
  EXPECT_EQ(text_at(found, "causes.0.changes.0.examples"), R"(["sam","vit","golden","a/b"])");
  EXPECT_EQ(text_at(found, "fields.library"), "4");
}

TEST_F(Impact, KeepsTheExamplesAskedFor) {
  const RuleSets sets =
      overlay("decision: library\nrules: [{id: mine, priority: 2000, then: {library: mine}}]\n");
  for (const std::size_t examples : {std::size_t{0}, std::size_t{2}}) {
    const ImpactReport found = measure(sets, 1, examples);
    EXPECT_EQ(found.groups().front()->steps.front().examples.size(), examples);
  }
}

// The report of a corpus cut in parts and merged is that of the whole.
TEST_F(Impact, IsTheSameHoweverTheCorpusIsCut) {
  std::string corpus;
  for (int i = 0; i < 400; ++i) {
    for (const char* type : {"sam", "vit", "bert", "gpt2", "no-such-type"}) {
      corpus += R"({"id": ")" + std::string(type) + std::to_string(i) +
                R"(", "config": {"model_type": ")" + type + R"("}})" + "\n";
    }
  }
  directory.write("corpus.jsonl", corpus);
  const RuleSets sets = overlay(R"(
decision: task
rules:
  - {id: mine/all, priority: 710, then: {task: {fact: model_type}}}
)");
  const std::string one = impact_json(sets, measure(sets, 1));
  for (const int threads : {2, 5}) EXPECT_EQ(impact_json(sets, measure(sets, threads)), one);
  EXPECT_NE(one.find("\"sam0\""), std::string::npos);
}

TEST_F(Impact, TakesAWholeSetForOne) {
  EXPECT_TRUE(is_whole_rule_set(source_directory() / "rules"));
  overlay("decision: task\nrules: []\n");
  EXPECT_FALSE(is_whole_rule_set(directory.path() / "overlay"));
  const RuleSets sets = load_rule_sets((source_directory() / "rules").string(),
                                       (directory.path() / "overlay").string());
  EXPECT_NE(sets.before.description().find("whole set"), std::string::npos);
  EXPECT_NE(sets.after.description().find("overlay over"), std::string::npos);
}

}  // namespace
}  // namespace switchyard
