// `rules explain` and `inspect --explain`, as a person and a program use them.
#include <gtest/gtest.h>

#include <string>

#include "engine/json.h"
#include "tests/support/temporary_directory.h"
#include "tests/cli/run_program.h"

namespace switchyard {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class RulesExplain : public testing::Test {
 protected:
  RulesExplain() {
    write_text(model / "config.json",
               R"({"model_type": "vit", "architectures": ["ViTForImageClassification"]})");
  }
  ProgramResult explain(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"rules", "explain"});
    return run_program(arguments);
  }
  // The question of that name in the JSON output.
  static Value question(const std::string& out, const std::string& decision) {
    const Value json = parse_json(out, "explain");
    for (const Value& found : json.find("decisions")->as_list()) {
      if (*found.find("decision") == Value(decision)) return found;
    }
    ADD_FAILURE() << "no " << decision << " in " << out;
    return {};
  }

  TemporaryDirectory directory;
  std::filesystem::path model = directory / "model";
};

TEST_F(RulesExplain, TableNamesWinnerFactsAndLosers) {
  const ProgramResult result = explain({"-m", model.string()});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.err, "");
  for (const char* decision :
       {"wrapped_library", "library", "task", "task_upgrade", "model_class", "main_input",
        "modality", "composite", "unexportable", "exporter", "precision", "optimization",
        "calibration", "calibration_fallback", "evaluator"}) {
    EXPECT_TRUE(has(result.out, "\n" + std::string(decision) + ": ")) << decision;
  }
  for (const char* part :
       {"task: \"image-classification\"\n",
        "  by       head/architecture (tasks-manager), priority 500, rules/tasks.yaml:",
        "architecture.name        \"ViTForImageClassification\"\n", "not set\n",
        "model_type_key: sam (is \"vit\")\n",
        "last-resort                             0  held, but was outranked\n",
        "  by       task_classes (auto-class), rules/knowledge/task_classes.yaml:",
        "more ask for another model_type_key\n", "modality: no rule holds\n"}) {
    EXPECT_TRUE(has(result.out, part)) << part << "\nnot in\n" << result.out;
  }
  EXPECT_FALSE(has(result.out, "\033"));
}

TEST_F(RulesExplain, VerboseSummarisesNothing) {
  const ProgramResult all = explain({"-m", model.string(), "--decision", "model_class", "-v"});
  ASSERT_EQ(all.status, 0) << all.err;
  EXPECT_FALSE(has(all.out, "more ask for"));
  const Value json = question(explain({"-m", model.string(), "-f", "json"}).out, "model_class");
  const List& rules = json.find("rules")->as_list();
  EXPECT_GT(rules.size(), 40u);
  for (const Value& rule : rules) {
    const std::string id = rule.find("rule")->as_string();
    EXPECT_TRUE(has(all.out, " " + id + " ")) << id;
  }
}

TEST_F(RulesExplain, DecisionChoosesOne) {
  const ProgramResult result = explain({"-m", model.string(), "--decision", "task"});
  EXPECT_TRUE(has(result.out, "\ntask: ")) << result.out;
  EXPECT_FALSE(has(result.out, "\nlibrary: ")) << result.out;
}

TEST_F(RulesExplain, UnknownDecisionNamesTheNearest) {
  const ProgramResult result = explain({"-m", model.string(), "--decision", "tsk"});
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_TRUE(has(result.err, "Did you mean task?")) << result.err;
  EXPECT_EQ(explain({}).status, 2);
}

TEST_F(RulesExplain, DecisionThatIsNotAskedIsSaid) {
  const ProgramResult result = explain({"-m", model.string(), "--decision", "weights"});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.out, "");
  EXPECT_TRUE(has(result.err, "\"weights\" is not asked for this model")) << result.err;
}

TEST_F(RulesExplain, JsonHasEverything) {
  const ProgramResult result = explain({"-m", model.string(), "-f", "json"});
  ASSERT_EQ(result.status, 0) << result.err;
  const Value task = question(result.out, "task");
  EXPECT_EQ(*task.find("value"), Value("image-classification"));
  EXPECT_EQ(*task.find_path("by.0.rule"), Value("head/architecture"));
  EXPECT_EQ(*task.find_path("by.0.source"), Value("tasks-manager"));
  EXPECT_EQ(*task.find_path("by.0.file"), Value("rules/tasks.yaml"));
  EXPECT_TRUE(task.find_path("by.0.line")->is_int());
  EXPECT_EQ(*task.find("instead"), Value());
  std::size_t won = 0, outranked = 0, failed = 0;
  for (const Value& rule : task.find("rules")->as_list()) {
    const std::string& outcome = rule.find("outcome")->as_string();
    won += outcome == "won";
    outranked += outcome == "outranked";
    failed += outcome == "failed";
    EXPECT_EQ(outcome == "failed", rule.find("failed")->is_map());
    if (outcome == "failed") {
      EXPECT_TRUE(rule.find_path("failed.line")->is_int());
    }
  }
  EXPECT_EQ(won, 1u);
  EXPECT_EQ(outranked, 1u);  // the last resort
  EXPECT_GT(failed, 10u);
  bool is_unset = false, is_set = false;
  for (const Value& fact : task.find("facts")->as_list()) {
    const std::string& name = fact.find("fact")->as_string();
    if (name == "options.task") is_unset = *fact.find("set") == Value(false);
    if (name == "model_type_key") is_set = *fact.find("value") == Value("vit");
  }
  EXPECT_TRUE(is_unset);
  EXPECT_TRUE(is_set);
  EXPECT_EQ(*question(result.out, "model_class").find_path("instead.rule"), Value("task_classes"));
}

TEST_F(RulesExplain, WorksWithAModelTypeAlone) {
  const ProgramResult result = explain({"--model-type", "t5", "--decision", "task", "-q"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_TRUE(has(result.out, "wrapped-library/first-supported-task")) << result.out;
  EXPECT_TRUE(has(result.out, "  warning  the config names no architecture")) << result.out;
}

TEST_F(RulesExplain, FailureShowsWhatWasDecidedBeforeIt) {
  const ProgramResult result = explain({"-m", model.string(), "-t", "flying"});
  EXPECT_EQ(result.status, 1);
  EXPECT_TRUE(has(result.out, "task: \"flying\"\n")) << result.out;
  EXPECT_TRUE(has(result.out, "model_class: no rule holds\n")) << result.out;
  EXPECT_FALSE(has(result.out, "exporter")) << result.out;
  EXPECT_TRUE(has(result.err, "no class serves the task 'flying'")) << result.err;

  const ProgramResult json = explain({"-m", model.string(), "-t", "flying", "-f", "json"});
  EXPECT_EQ(json.status, 1);
  EXPECT_EQ(*parse_json(json.out, "explain").find("error"),
            Value("no class serves the task 'flying'"));
  EXPECT_EQ(*question(json.out, "task").find("value"), Value("flying"));

  const ProgramResult unknown = explain({"--model-type", "no-such-type"});
  EXPECT_EQ(unknown.status, 1);
  EXPECT_EQ(unknown.out, "");
}

TEST_F(RulesExplain, OverlaysAreSeenWithTheirPlaces) {
  write_text(directory / "mine/o.yaml",
             "decision: task\nrules:\n  - {id: mine, priority: 950, when: {model_type: vit}, then: "
             "{task: depth-estimation}, source: house}\n");
  const ProgramResult result = explain(
      {"-m", model.string(), "--decision", "task", "--rules", (directory / "mine").string()});
  EXPECT_TRUE(has(result.out,
                  "mine (house), priority 950, " + (directory / "mine/o.yaml").string() + ":3:5\n"))
      << result.out;
  EXPECT_TRUE(has(result.out, "head/architecture")) << result.out;
}

TEST_F(RulesExplain, InspectHasTheShortForm) {
  const ProgramResult plain = run_program({"inspect", "-m", model.string()});
  const ProgramResult result = run_program({"inspect", "-m", model.string(), "--explain"});
  ASSERT_EQ(result.status, 0) << result.err;
  ASSERT_TRUE(result.out.starts_with(plain.out));
  const std::string lines = result.out.substr(plain.out.size());
  EXPECT_TRUE(has(lines, "\ndecision ")) << lines;
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 17)
      << lines;  // blank, header, 15 decisions
  EXPECT_TRUE(has(lines, "rules/calibration.yaml:")) << lines;
  EXPECT_TRUE(has(lines, "main-input/images: held, but was outranked\n")) << lines;
  EXPECT_TRUE(has(lines, "transformers/perceiver-image: model_type_key: ")) << lines;

  const ProgramResult json =
      run_program({"inspect", "-m", model.string(), "--explain", "-f", "json"});
  const Value parsed = parse_json(json.out, "inspect");
  EXPECT_EQ(parsed.find("explanation")->as_list().size(), 15u);
  EXPECT_EQ(*parsed.find_path("explanation.2.rules.0"), Value("head/architecture"));
  EXPECT_TRUE(parsed.find_path("explanation.2.nearest_loser.rule")->is_string());
}

TEST_F(RulesExplain, InspectExplainsFailuresToo) {
  const ProgramResult result =
      run_program({"inspect", "-m", model.string(), "--explain", "-t", "flying"});
  EXPECT_EQ(result.status, 1);
  EXPECT_TRUE(has(result.out, "\"flying\"")) << result.out;
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{"inspect", "--explain", "--jsonl", "x"},
        {"inspect", "--explain", "-m", "x.onnx"}}) {
    const ProgramResult refused = run_program(wrong);
    EXPECT_EQ(refused.status, 2);
    EXPECT_TRUE(has(refused.err, "--explain does not go with")) << refused.err;
  }
}

}  // namespace
}  // namespace switchyard
