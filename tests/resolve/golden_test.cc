// Golden files of rule outcomes.
#include "stages/resolve/golden.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/error.h"
#include "tests/resolve/support.h"

namespace switchyard {
namespace {

// After a deliberate change of the rules: `switchyard rules test --update`, and commit the diff.
TEST(Golden, OutcomesOfTheShippedRulesAreThoseInTheFiles) {
  const GoldenReport report =
      run_golden(shipped_rules(), source_directory() / "tests/golden/rules");
  EXPECT_GT(report.cases, 40u);
  for (const GoldenDifference& difference : report.differences) {
    ADD_FAILURE() << difference.str();
  }
}

constexpr const char* kCase =
    R"({"name": "a", "request": {"config": {"model_type": "vit", "architectures": ["ViTModel"]}}})";

TEST(Golden, UpdateFillsInAndThenNothingDiffers) {
  TemporaryDirectory directory;
  directory.write("b.jsonl", std::string(kCase) + "\n\n");
  EXPECT_FALSE(run_golden(shipped_rules(), directory.path()).differences.empty());
  EXPECT_EQ(directory.read("b.jsonl"), std::string(kCase) + "\n\n");
  const GoldenReport updated = run_golden(shipped_rules(), directory.path(), true);
  EXPECT_EQ(updated.updated.size(), 1u);
  const GoldenReport again = run_golden(shipped_rules(), directory.path(), true);
  EXPECT_TRUE(again.differences.empty());
  EXPECT_TRUE(again.updated.empty());
  EXPECT_EQ(again.cases, 1u);
}

TEST(Golden, DifferenceNamesCaseFieldAndRule) {
  TemporaryDirectory directory;
  directory.write("b.jsonl", std::string(kCase) + "\n");
  run_golden(shipped_rules(), directory.path(), true);
  std::string text = directory.read("b.jsonl");
  const std::string task = R"("task":"image-feature-extraction")";
  const std::string rule = R"("task":"head/architecture")";
  text.replace(text.find(task), task.size(), R"("task":"fill-mask")");
  text.replace(text.find(rule), rule.size(), R"("task":"sentinel/vit")");
  directory.write("b.jsonl", text);
  const GoldenReport report = run_golden(shipped_rules(), directory.path());
  ASSERT_EQ(report.differences.size(), 2u);
  EXPECT_EQ(report.differences[0].str(),
            "b.jsonl:1: a: task: expected \"fill-mask\", is \"image-feature-extraction\"");
  EXPECT_EQ(report.differences[1].field, "rules.task");
}

TEST(Golden, RequestWithoutOutcomeIsAnOutcome) {
  const Value outcome =
      golden_outcome(shipped_rules(), json(R"({"config": {"model_type": "nothing"}})"));
  EXPECT_NE(outcome.find("error")->as_string().find("nothing"), std::string::npos);
}

TEST(Golden, WrongFilesAreErrorsWithTheirPlace) {
  TemporaryDirectory directory;
  EXPECT_THROW(run_golden(shipped_rules(), directory.path() / "none"), Error);
  EXPECT_THROW(run_golden(shipped_rules(), directory.path()), Error);
  directory.write("a.jsonl", std::string(kCase) + "\n{\"name\": 1}\n");
  try {
    run_golden(shipped_rules(), directory.path());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_EQ(error.place().line, 2);
  }
}

}  // namespace
}  // namespace switchyard
