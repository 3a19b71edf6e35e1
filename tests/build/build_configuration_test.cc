#include "stages/build/build_configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/json.h"
#include "stages/build/config_changes.h"
#include "tests/support/temporary_directory.h"

namespace switchyard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Value json(const std::string& text) { return parse_json(text, "test"); }

TEST(ConfigChanges, LaidOverWhatIsWrittenGiveTheCompletedConfig) {
  struct Case {
    const char* written;
    const char* completed;
    const char* changes;
  };
  const Case kCases[] = {
      {"{}", "{}", "{}"},
      {"null", R"({"a": 1})", R"({"a": 1})"},
      {R"({"a": 1})", R"({"a": 1})", "{}"},
      {R"({"a": 1})", R"({"a": 1, "b": null})", R"({"b": null})"},
      {R"({"a": {"b": 1}})", R"({"a": {"b": 1, "c": [1]}})", R"({"a": {"c": [1]}})"},
      {R"({"a": null})", R"({"a": {"b": 1}})", R"({"a": {"b": 1}})"},
      {R"({"a": {"b": 1}})", R"({"a": 3})", R"({"a": 3})"},
      {R"({"a": [1]})", R"({"a": [1, 2]})", R"({"a": [1, 2]})"},
      {R"({"a": 1})", R"({"a": 1, "b": Infinity})", R"({"b": Infinity})"},
  };
  for (const Case& c : kCases) {
    const Map changes = config_changes(json(c.written), json(c.completed));
    EXPECT_EQ(Value(changes), json(c.changes)) << c.completed;
    EXPECT_EQ(with_changes(json(c.written), changes), json(c.completed)) << c.completed;
  }
}

constexpr const char* kWhole = R"({
  "task": "image-classification", "optimum_task": "image-classification", "library": "timm",
  "model_type": "timm_wrapper", "recipe": "timm/resnet",
  "config": {"values": {"num_labels": 10, "limit": [0.0, Infinity]}},
  "weights": "auto", "optimization": {"level": "basic"}, "precision": {"precision": "fp32"},
  "calibration": {"source": "random"}, "calibration_fallback": {"source": "random"},
  "decisions": [
    {"name": "precision", "value": {"precision": "int8"}, "rule": "a", "place": "x.yaml:1:2", "source": "b"},
    {"name": "optimization", "value": {"level": "basic"}, "rule": "c", "place": "y.yaml:3", "source": "d"}]
})";

std::vector<std::string> faults_of(const std::string& text) {
  Faults faults;
  read_build_configuration(text, "build.json", faults);
  std::vector<std::string> messages;
  for (const Fault& fault : faults.list()) messages.emplace_back(fault.error.what());
  return messages;
}

std::string changed(const std::string& from, const std::string& to) {
  std::string text = kWhole;
  return text.replace(text.find(from), from.size(), to);
}

TEST(BuildConfiguration, NamesEveryFaultAtItsPlace) {
  std::string text = changed(R"("weights": "auto")", R"("weight": "auto")");
  text.replace(text.find(R"("level": "basic")"), 16, R"("level": "most")");
  text.replace(text.find(R"("recipe": "timm/resnet")"), 23, R"("recipe": [3])");
  EXPECT_THAT(
      faults_of(text),
      ElementsAre(
          HasSubstr("build.json:3:43: 'recipe' must be a string, not a list"),
          HasSubstr("build.json:5:3: a build configuration has no key 'weight'. Did you mean "
                    "weights"),
          HasSubstr("build.json:5:47: 'level' must be none, basic, extended or all, not the "
                    "string"),
          HasSubstr("build.json:1:1: a build configuration lacks the key 'weights'")));
}

TEST(BuildConfiguration, SaysWhenItIsSomethingElse) {
  for (const char* text : {"{}", "[]", "", R"({"architectures": ["ResNet"], "image_size": 8})"}) {
    const auto faults = faults_of(text);
    ASSERT_EQ(faults.size(), 1u) << text;
    EXPECT_THAT(faults[0], HasSubstr("this is no build configuration")) << text;
  }
  EXPECT_EQ(faults_of("{\"task\": \"a\",").size(), 1u);
  EXPECT_THAT(faults_of(changed(R"("recipe":)", R"("task": "b", "recipe":)")),
              ElementsAre(HasSubstr("task")));
}

TEST(BuildConfiguration, KeepsWhoDecidedUnlessAnotherValueIsWritten) {
  Faults faults;
  const RecordedBuild build = read_build_configuration(kWhole, "build.json", faults);
  ASSERT_EQ(faults.size(), 0u) << faults.list()[0].error.what();
  EXPECT_EQ(build.plan.optimization.rule_id, "c");
  EXPECT_EQ(build.plan.optimization.place.str(), "y.yaml:3");
  EXPECT_EQ(build.resolution.decisions[0].place.str(), "x.yaml:1:2");
  EXPECT_EQ(build.plan.precision.rule_id, "");
  EXPECT_EQ(build.plan.precision.source, "build-configuration");
  EXPECT_FALSE(build.plan.quantizes());
  EXPECT_EQ(build.config_changes, json(R"({"num_labels": 10, "limit": [0.0, Infinity]})"));
}

TEST(Replay, WarnsOfWhatIsNotWhatItWas) {
  const auto rules_with = [](const std::string& recipe, const std::string& library,
                             const std::string& other) {
    return RuleBook::from_texts(
        {{"recipe.yaml", "recipe: r\nuse: [lib]\n" + recipe},
         {"lib.yaml", "blocks_library: lib\nblocks: {" + library + "}\n"},
         {"other.yaml", "knowledge: other\nrows: {a: " + other + "}\n"},
         {"processors.yaml", "knowledge: image_processors\nrows: {a: 1}\n"}});
  };
  const std::string graph =
      "inputs: {x: {dtype: int64, dims: [1]}}\nheads: {t: {outputs: {y: x}}}\n";
  const auto rules = rules_with(graph, "'one(x)': [return x]", "1");
  ModelSource source;
  source.directory = "/nowhere";
  source.config = json(R"({"a": 1})");
  Resolution resolution;
  resolution.task = "t";
  resolution.recipe = "r";
  resolution.config = json(R"({"a": 1, "b": 2})");
  BuildPlan plan;
  plan.optimization.value = Map{{"level", "basic"}};
  plan.precision.value = Map{{"precision", "fp32"}};
  plan.calibration.value = plan.calibration_fallback.value = Map{{"source", "random"}};
  const std::string text =
      build_configuration(*rules, &source, resolution, plan, {}, "1", false).to_json(2);

  const auto warnings = [&](const RuleBook& now, const ModelSource& there) {
    Faults faults;
    RecordedBuild recorded = read_build_configuration(text, "build.json", faults);
    EXPECT_EQ(faults.size(), 0u);
    auto list = replay_on(now, there, recorded);
    EXPECT_EQ(*recorded.resolution.config.find("b"), Value(2));
    return list;
  };
  EXPECT_THAT(warnings(*rules, source), IsEmpty());
  EXPECT_THAT(warnings(*rules_with(graph, "'one(x)': [return x]", "2"), source), IsEmpty());
  EXPECT_THAT(warnings(*rules_with(graph, "'one(y)': [return y]", "1"), source),
              ElementsAre(HasSubstr("the rules' recipe r is not what it was")));
  EXPECT_THAT(
      warnings(*rules_with(graph + "description: x\n", "'one(x)': [return x]", "1"), source),
      ElementsAre(HasSubstr("the rules' recipe r is not what it was")));
  ModelSource other = source;
  other.config = json(R"({"a": 3})");
  EXPECT_THAT(warnings(*rules, other),
              ElementsAre(HasSubstr("config.json of /nowhere is not what it was")));
}

}  // namespace
}  // namespace switchyard
