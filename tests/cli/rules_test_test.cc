// `rules test`, as a rule author and a CI system use it.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "engine/json.h"
#include "tests/support/temporary_directory.h"
#include "tests/cli/run_program.h"

namespace switchyard {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

constexpr const char* kGolden = SWITCHYARD_SOURCE_DIR "/tests/golden/rules";

class RulesTest : public testing::Test {
 protected:
  RulesTest() {
    write_text(directory / "golden/sub/a.jsonl",
               R"({"name": "no modality", "decision": "modality", "facts": {"task": "fill-mask"}, )"
               R"("expect": null})"
               "\n"
               R"({"name": "pixels & <more>", "decision": "modality", "facts": {"task": )"
               R"("feature-extraction", "main_input_name": "pixel_values"}, "expect": )"
               R"({"rule": "pixel-values", "outputs": {"task": "image-feature-extraction"}}})"
               "\n");
    // Under this overlay the second case differs.
    write_text(
        directory / "mine/o.yaml",
        "decision: modality\nrules:\n  - {id: pixel-values, when: {task: depth}, then: {task: "
        "x}}\n  - {id: mine, when: {task: feature-extraction}, then: {task: mine}}\n");
  }
  ProgramResult test(std::vector<std::string> arguments, bool changed = false) {
    arguments.insert(arguments.begin(), {"rules", "test", (directory / "golden").string()});
    if (changed) arguments.insert(arguments.end(), {"--rules", (directory / "mine").string()});
    return run_program(arguments);
  }
  std::string golden() const { return read_text(directory / "golden/sub/a.jsonl"); }

  TemporaryDirectory directory;
};

TEST_F(RulesTest, PassesAndSumsUp) {
  const ProgramResult result = test({});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, "2 cases, all as expected\n");
  EXPECT_EQ(result.err, "");
}

TEST_F(RulesTest, DifferenceIsADiffWithTheRules) {
  const ProgramResult result = test({}, true);
  EXPECT_EQ(result.status, 3) << result.err;
  const std::string overlay = (directory / "mine/o.yaml").string();
  EXPECT_EQ(result.out, (directory / "golden/sub/a.jsonl").string() +
                            ":2: pixels & <more>\n"
                            "  rule\n"
                            "    - \"pixel-values\"  pixel-values at " +
                            overlay +
                            ":3, failed at task: depth (is \"feature-extraction\")\n"
                            "    + \"mine\"          mine at " +
                            overlay +
                            ":4\n"
                            "  outputs.task\n"
                            "    - \"image-feature-extraction\"  pixel-values at " +
                            overlay +
                            ":3, failed at task: depth (is \"feature-extraction\")\n"
                            "    + \"mine\"                      mine at " +
                            overlay +
                            ":4\n"
                            "\n2 cases, 1 differs\n");
}

TEST_F(RulesTest, UpdateWritesWhatDiffersAndNothingElse) {
  const std::string before = golden();
  const auto time = std::filesystem::last_write_time(directory / "golden/sub/a.jsonl");
  EXPECT_EQ(test({"--update"}).status, 0);
  EXPECT_EQ(golden(), before);
  EXPECT_EQ(std::filesystem::last_write_time(directory / "golden/sub/a.jsonl"), time);

  const ProgramResult updated = test({"--update"}, true);
  EXPECT_EQ(updated.status, 0);
  EXPECT_TRUE(has(updated.err, "updated " + (directory / "golden/sub/a.jsonl").string()));
  EXPECT_EQ(golden().substr(0, golden().find('\n')), before.substr(0, before.find('\n')));
  EXPECT_EQ(test({}, true).status, 0);
  EXPECT_EQ(test({}).status, 3);
}

TEST_F(RulesTest, ThresholdBelowIsStatusThree) {
  const ProgramResult result = test({"--coverage", "--threshold", "50"});
  EXPECT_EQ(result.status, 3) << result.err;
  EXPECT_TRUE(has(result.out, "less than the 50 % asked for\n")) << result.out;
  EXPECT_TRUE(has(result.out, "\n  task (16 of 16)\n")) << result.out;
  EXPECT_TRUE(has(result.out, "    last-resort ")) << result.out;
  EXPECT_FALSE(has(result.out, "\n  modality")) << result.out;
  EXPECT_EQ(test({"--coverage"}).status, 0);
  EXPECT_EQ(test({"--threshold", "0.5"}).status, 0);
  for (const char* wrong : {"101", "-1", "nan", "many"}) {
    EXPECT_EQ(test({"--threshold=" + std::string(wrong)}).status, 2) << wrong;
  }
}

// Every rule that is shipped has a case that it decides: a new rule needs one.
TEST(ShippedRules, AreAllExercisedByGoldenCases) {
  const ProgramResult result = run_program({"rules", "test", kGolden, "--rules-only",
                                            SWITCHYARD_SOURCE_DIR "/rules", "--threshold", "100"});
  EXPECT_EQ(result.status, 0) << result.out << result.err;
}

TEST_F(RulesTest, TapCountsItsLines) {
  const ProgramResult result = test({"-f", "tap", "--threshold", "99"}, true);
  EXPECT_EQ(result.status, 3);
  EXPECT_TRUE(result.out.starts_with("TAP version 13\n1..3\nok 1 - ")) << result.out;
  EXPECT_TRUE(has(result.out, "\nnot ok 2 - ")) << result.out;
  EXPECT_TRUE(has(result.out, "\nnot ok 3 - the cases exercise 1 of ")) << result.out;
}

TEST_F(RulesTest, JunitIsReadByAnXmlParser) {
  const ProgramResult result = test({"-f", "junit", "--threshold", "99"}, true);
  EXPECT_EQ(result.status, 3);
  const char* const python = "/usr/bin/python3";
  if (!std::filesystem::exists(python)) GTEST_SKIP() << "no python3 here";
  ProgramInput input;
  input.program = python;
  input.text = result.out;
  const ProgramResult parsed =
      run_program({"-c",
                   "import sys, xml.etree.ElementTree as e\n"
                   "root = e.fromstring(sys.stdin.buffer.read())\n"
                   "print(root.tag, root.get('tests'), root.get('failures'))\n"
                   "for suite in root:\n"
                   "  print(suite.tag, suite.get('tests'), suite.get('failures'), len(suite))\n"
                   "  for case in suite:\n"
                   "    print(case.tag, case.get('name'), [f.get('message') for f in "
                   "case.findall('failure')])\n"},
                  input);
  EXPECT_EQ(parsed.err, "");
  EXPECT_TRUE(
      parsed.out.starts_with("testsuites 3 2\n"
                             "testsuite 2 1 2\n"
                             "testcase no modality []\n"
                             "testcase pixels & <more> ['rule and outputs.task differ']\n"
                             "testsuite 1 1 1\n"
                             "testcase coverage threshold ['the cases exercise 1 of "))
      << parsed.out;
}

TEST_F(RulesTest, JsonHasTheDifferences) {
  const ProgramResult result = test({"-f", "json"}, true);
  EXPECT_EQ(result.status, 3);
  const Value json = parse_json(result.out, "report");
  EXPECT_EQ(*json.find("failed"), Value(1));
  EXPECT_EQ(*json.find_path("results.1.differences.1.actual"), Value("mine"));
  EXPECT_EQ(*json.find_path("results.1.differences.1.after.line"), Value(4));
}

TEST_F(RulesTest, WrongCaseIsStatusTwoWithItsPlace) {
  write_text(directory / "golden/b.jsonl", "{\"name\": 1}\n");
  const ProgramResult result = test({});
  EXPECT_EQ(result.status, 2);
  EXPECT_TRUE(has(result.err, "b.jsonl:1: a golden case needs a request")) << result.err;
}

}  // namespace
}  // namespace switchyard
