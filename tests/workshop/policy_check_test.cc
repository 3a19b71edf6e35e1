// What rules check knows of the policy: sentinels, gaps, variants, names across tables, facts.
#include "stages/workshop/policy/policy_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/resolve/support.h"

namespace switchyard {
namespace {

using ::testing::HasSubstr;

Problems check(const RuleBook& rules, bool all_gaps = false) {
  Problems problems;
  check_policy(rules, problems, {.all_gaps = all_gaps});
  return problems;
}

Problems errors(Problems problems) {
  std::erase_if(problems, [](const Problem& problem) {
    return problem.severity == Problem::Severity::kWarning;
  });
  return problems;
}

std::string text(const Problems& problems) {
  std::string text;
  for (const Problem& problem : problems) text += problem.str() + "\n";
  return text;
}

// The shipped rules under an overlay of one file.
Problems check_with(const std::string& overlay) {
  TemporaryDirectory directory;
  directory.write("overlay.yaml", overlay);
  return check(*RuleBook::load({.overlays = {directory.path()}}));
}

TEST(PolicyCheck, ShippedRulesHaveNoErrors) {
  EXPECT_EQ(text(errors(check(shipped_rules()))), "");
  EXPECT_EQ(text(errors(check(rules_of_the_tree()))), "");
}

TEST(PolicyCheck, EmptyRuleBookIsNotAsked) {
  EXPECT_TRUE(check(*RuleBook::from_texts({{"a.yaml", "decision: d\nrules: []\n"}})).empty());
}

TEST(PolicyCheck, MissingTableIsAProblem) {
  TemporaryDirectory directory;
  const auto rules = source_directory() / "rules";
  std::filesystem::copy(rules, directory.path() / "rules",
                        std::filesystem::copy_options::recursive);
  std::filesystem::remove(directory.path() / "rules/libraries.yaml");
  const Problems problems = errors(check(*RuleBook::load({.base = directory.path() / "rules"})));
  ASSERT_FALSE(problems.empty());
  EXPECT_EQ(problems.front().kind, "missing-table");
  EXPECT_THAT(problems.front().what, HasSubstr("libraries"));
}

// `at`: the text at which the only error must point, and in which line of the overlay it stands.
struct Fault {
  const char* name;
  const char* overlay;
  const char* kind;
  const char* at;
  const char* what;
  const char* other = "";
};

const Fault kFaults[] = {
    {"SentinelWithoutRow", R"(decision: task
rules:
  - {id: s, priority: 700, when: {model_type_key: vit, task: null}, then: {task: masked-im}}
)",
     "sentinel", "vit, task", "no rule of model_class names (vit, masked-im)"},
    {"SentinelByFoldedName", R"(decision: task
rules:
  - {id: s, priority: 710, when: {model_type: {folds_to: Sam2-Video}, task: absent}, then: {task: depth-estimation}}
)",
     "sentinel", "Sam2-Video", "(Sam2-Video, depth-estimation)"},
    {"SentinelOfSeveral", R"(decision: task
rules:
  - {id: s, priority: 710, when: {model_type_key: [sam2, vitpose], task: null}, then: {task: image-segmentation}}
)",
     "sentinel", "vitpose]", "(vitpose, image-segmentation)"},
    {"SentinelByPattern", R"(decision: task
rules:
  - {id: s, priority: 710, when: {model_type_key: {matches: 'vitpos.'}, task: null}, then: {task: depth-estimation}}
)",
     "sentinel", "{model_type_key", "(vitpose, depth-estimation)"},
    {"SentinelServedByAnotherRow", R"(decision: task
rules:
  - {id: s, priority: 700, when: {model_type_key: bert, task: null}, then: {task: next-sentence-prediction}}
)",
     "sentinel", "bert", "(bert, next-sentence-prediction)", "any/next-sentence-prediction"},
    {"SentinelOfAnotherClass", R"(decision: task
rules:
  - {id: sentinel/sam, priority: 700, when: {model_type_key: sam, task: null}, then: {task: mask-generation, class: SAM2MaskGeneration}}
)",
     "sentinel", "SAM2MaskGeneration",
     "says class \"SAM2MaskGeneration\", and the row for (sam, mask-generation) says "
     "\"SAMMaskGeneration\"",
     "sam/mask-generation"},
    {"ClassWithoutTask", R"(decision: model_class
rules:
  - {id: c, priority: 300, when: {model_type_key: sam, task: null}, then: {class: SAMMaskGeneration}}
)",
     "sentinel", "null", "never holds"},
    {"UnknownModelType", R"(decision: task
rules:
  - {id: s, priority: 650, when: {model_type_key: [bert, robrta]}, then: {task: fill-mask}}
)",
     "unknown-model-type", "robrta", "no model type \"robrta\""},
    {"ModelTypeInADeepCondition", R"(decision: precision
rules:
  - {id: s, priority: 650, when: {any: [{task: fill-mask}, {not: {model_type: berd}}]}, then: {precision: fp32}}
)",
     "unknown-model-type", "berd", "no model type \"berd\""},
    {"ModelTypeKeySpelledAsTheTable", R"(decision: precision
rules:
  - {id: s, priority: 650, when: {model_type_key: audio-spectrogram-transformer}, then: {precision: fp32}}
)",
     "unknown-model-type", "audio-s", "never the value of model_type_key"},
    {"ClassOfAnUnknownModelType", R"(knowledge: architectures
rows:
  ElephantModel: {model_type: elephant, task: feature-extraction}
)",
     "unknown-model-type", "ElephantModel", "its model_type \"elephant\""},
    {"SubModelTask", R"(decision: composite
rules:
  - {id: c, when: {model_type_key: bart, options.task: x}, then: {pipeline: summarization, sub_models: {encoder: feature-extracton}}}
)",
     "unknown-task", "feature-extracton", "sub-model \"encoder\": there is no task"},
    {"SupportedTask", R"(knowledge: supported_tasks
rows:
  transformers/bert: [fill-mask, fil-mask]
)",
     "unknown-task", "transformers/bert", "no task \"fil-mask\""},
    {"ClassTask", R"(knowledge: architectures
rows:
  BertModel: {model_type: bert, task: feature-extractio}
)",
     "unknown-task", "BertModel", "no task \"feature-extractio\""},
    {"Synonym", R"(knowledge: synonyms
rows:
  masked-lm: {canonical: fill-masks}
)",
     "unknown-task", "masked-lm", "no task \"fill-masks\""},
    {"SourceWord", R"(decision: task_upgrade
rules:
  - {id: u, priority: 90, when: {source: [tasks-manager, task-manager], task: text-generation}, then: {task: fill-mask}}
)",
     "unknown-source", "task-manager]", "no rule of task has the source \"task-manager\""},
    {"Recipe", R"(decision: exporter
rules:
  - {id: e, priority: 500, when: {model_type_key: deit}, then: {recipe: vitt}}
)",
     "unknown-recipe", "vitt", "no recipe \"vitt\""},
    {"VariantWithoutRows", R"(decision: modality
rules:
  - {id: sound, priority: 90, when: {task: feature-extraction, main_input_name: input_values}, then: {task: audio-xvector}}
)",
     "variant", "audio-xvector", "no rule of evaluator decides it"},
    {"VariantMadeOfFacts", R"(decision: modality
rules:
  - {id: sound, priority: 90, when: {task: fill-mask, main_input_name: input_ids}, then: {task: {format: "{task}-with-past"}}}
)",
     "variant", "{id: sound", "no rule of calibration and evaluator decides it"},
    {"UpgradeToASynonym", R"(decision: task_upgrade
rules:
  - {id: u, priority: 90, when: {task: text-generation}, then: {task: summarization}}
)",
     "variant", "summarization", "no rule of evaluator decides it"},
    {"FactColumn", R"(decision: mine
columns: [model_typ]
rules: []
)",
     "unknown-fact", "model_typ", "no stage sets a fact \"model_typ\""},
    {"FactColumnOfAMap", R"(decision: mine
columns:
  task: the task
  main_input: the input
rules: []
)",
     "unknown-fact", "main_input", "no stage sets a fact \"main_input\""},
    {"FactInACondition", R"(decision: mine
rules:
  - {id: r, when: {any: [{optoins.task: a}]}, then: {}}
)",
     "unknown-fact", "optoins", "no stage sets a fact \"optoins.task\""},
    {"FactBelowAText", R"(decision: mine
rules:
  - {id: r, when: {task.name: a}, then: {}}
)",
     "unknown-fact", "task.name", "is a text and has nothing below it"},
    {"FieldOfAFact", R"(decision: task
rules:
  - {id: r, priority: 1, when: {architecture.tsak: present}, then: {task: fill-mask}}
)",
     "unknown-fact", "architecture.tsak", "has no field \"tsak\""},
};

class PolicyFault : public ::testing::TestWithParam<Fault> {};

TEST_P(PolicyFault, IsTheOnlyErrorAndHasItsPlace) {
  const Fault& fault = GetParam();
  const Problems found = errors(check_with(fault.overlay));
  ASSERT_EQ(found.size(), 1u) << text(found);
  const Problem& problem = found.front();
  EXPECT_EQ(problem.kind, fault.kind);
  EXPECT_THAT(problem.what, HasSubstr(fault.what));
  EXPECT_EQ(problem.other_rule, fault.other);
  EXPECT_EQ(problem.other_place.known(), !problem.other_rule.empty());
  EXPECT_FALSE(problem.mend.empty());
  const std::string overlay = fault.overlay;
  const std::size_t at = overlay.find(fault.at);
  ASSERT_NE(at, std::string::npos);
  const std::size_t line_start = at == 0 ? 0 : overlay.rfind('\n', at - 1) + 1;
  EXPECT_EQ(problem.place.line, 1 + std::count(overlay.begin(), overlay.begin() + at, '\n'));
  EXPECT_EQ(problem.place.column, static_cast<int>(at - line_start) + 1) << problem.str();
  EXPECT_THAT(problem.place.file, HasSubstr("overlay.yaml"));
}

INSTANTIATE_TEST_SUITE_P(Faults, PolicyFault, ::testing::ValuesIn(kFaults),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(PolicyCheck, RightOverlaysHaveNoErrors) {
  const char* overlays[] = {
      // a sentinel with its row
      R"(decision: task
rules:
  - {id: s, priority: 700, when: {model_type_key: [vit, deit], task: null}, then: {task: masked-im, class: AutoModelForMaskedImageModeling}}
---
decision: model_class
rules:
  - {id: c, priority: 100, when: {model_type: {matches: 'vit|deit'}, task: masked-im}, then: {class: AutoModelForMaskedImageModeling}}
)",
      // a rule for a model type that asks nothing of the task is no sentinel
      R"(decision: task
rules:
  - {id: s, priority: 650, when: {model_type_key: segformer}, then: {task: image-segmentation}}
)",
      // model types that only the registry of exports knows
      R"(decision: precision
rules:
  - {id: s, priority: 650, when: {model_type_key: qwen3_lm_head_only}, then: {precision: fp32}}
)",
      // a variant with its rows
      R"(decision: modality
rules:
  - {id: sound, priority: 90, when: {task: feature-extraction, main_input_name: input_values}, then: {task: audio-xvector}}
---
decision: evaluator
rules:
  - {id: sound, priority: 90, when: {task: {starts_with: audio-x}}, then: {evaluator: knn}}
)",
  };
  for (const char* overlay : overlays) EXPECT_EQ(text(errors(check_with(overlay))), "") << overlay;
}

TEST(PolicyCheck, GapsOfTheShippedRulesAreGrouped) {
  const auto gaps = [](const Problems& problems) {
    std::vector<std::string> types;
    for (const Problem& problem : problems) {
      if (problem.kind == "gap") types.push_back(problem.rule);
    }
    return types;
  };
  const Problems grouped = check(shipped_rules());
  ASSERT_EQ(gaps(grouped).size(), 1u);
  const auto summary = std::ranges::find(grouped, std::string("gap"), &Problem::kind);
  EXPECT_EQ(summary->rule, "");
  const std::vector<std::string> all = gaps(check(shipped_rules(), true));
  EXPECT_GT(all.size(), 20u);
  EXPECT_THAT(summary->what, HasSubstr(" " + std::to_string(all.size()) + " model types"));
  EXPECT_THAT(all, testing::Not(testing::Contains("bert")));
}

// Each way of closing a gap closes it.
TEST(PolicyCheck, GapIsClosedByARow) {
  const char* kType = R"(knowledge: model_types
rows:
  elephant: {standalone: true, base_class: ElephantModel}
---
knowledge: architectures
rows:
  ElephantModel: {model_type: elephant}
---
)";
  const auto is_gap = [&](const std::string& more) {
    TemporaryDirectory directory;
    directory.write("overlay.yaml", kType + more);
    for (const Problem& problem : check(*RuleBook::load({.overlays = {directory.path()}}), true)) {
      if (problem.kind != "gap" || problem.rule != "elephant") continue;
      EXPECT_EQ(problem.place.line, 3);
      EXPECT_THAT(problem.what, HasSubstr("ElephantModel"));
      return true;
    }
    return false;
  };
  EXPECT_TRUE(is_gap(""));
  EXPECT_FALSE(is_gap("knowledge: supported_tasks\nrows: {transformers/elephant: [fill-mask]}\n"));
  EXPECT_FALSE(
      is_gap("knowledge: architectures\nrows: {ElephantForMaskedLM: {model_type: elephant, task: "
             "fill-mask}}\n"));
  EXPECT_FALSE(is_gap(
      "decision: task\nrules:\n  - {id: e, priority: 700, when: {model_type_key: elephant, task: "
      "null}, then: {task: fill-mask}}\n"));
}

TEST(PolicyCheck, TakesAMomentForAllModelTypes) {
  check(shipped_rules());  // tables are read on first use
  const auto start = std::chrono::steady_clock::now();
  check(shipped_rules());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  RecordProperty("milliseconds", static_cast<int>(took.count() * 1000));
  // Some 100 ms alone on a slow machine; sanitizers and neighbours may take ten times that.
  EXPECT_LT(took.count(), 3.0);
}

}  // namespace
}  // namespace switchyard
