// rules fmt, list, show and watch, as a person runs them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "engine/json.h"
#include "tests/support/temporary_directory.h"
#include "tests/cli/run_program.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kTidy = "decision: d\nrules:\n  - {id: a, then: {x: 1}}\n";
constexpr const char* kMessy = "decision: d\nrules:\n- {then: {x: 1},id: a} # why\n";

TEST(RulesFmt, ChecksAndRewrites) {
  TemporaryDirectory directory;
  write_text(directory / "rules/tidy.yaml", kTidy);
  write_text(directory / "rules/deep/messy.yml", kMessy);
  write_text(directory / "rules/note.txt", kMessy);
  const ProgramInput here{.directory = directory.path().string()};

  const ProgramResult check = run_program({"rules", "fmt", "--check"}, here);
  EXPECT_EQ(check.status, 3);
  EXPECT_EQ(check.out,
            "rules/deep/messy.yml\n@@ 2 @@\n rules:\n-- {then: {x: 1},id: a} # why\n"
            "+  - {id: a, then: {x: 1}}  # why\n");
  EXPECT_EQ(read_text(directory / "rules/deep/messy.yml"), kMessy);

  const ProgramResult written = run_program({"rules", "fmt"}, here);
  EXPECT_EQ(written.status, 0);
  EXPECT_EQ(written.out, "rules/deep/messy.yml\n");
  EXPECT_EQ(read_text(directory / "rules/note.txt"), kMessy);
  EXPECT_EQ(run_program({"rules", "fmt", "--check"}, here).status, 0);
}

TEST(RulesFmt, SaysWhatCantBeFormattedAndDoesTheRest) {
  TemporaryDirectory directory;
  write_text(directory / "bad.yaml", "a: [1\n");
  write_text(directory / "messy.yaml", kMessy);
  const ProgramResult result = run_program({"rules", "fmt", directory.path().string()});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("bad.yaml:"));
  EXPECT_EQ(read_text(directory / "bad.yaml"), "a: [1\n");
  EXPECT_NE(read_text(directory / "messy.yaml"), kMessy);
  EXPECT_EQ(run_program({"rules", "fmt", (directory / "none").string()}).status, 2);
}

// Two overlays over small rules of our own.
class Listed : public testing::Test {
 protected:
  Listed() {
    write_text(directory / "base/d.yaml",
               "decision: d\ncolumns: {c: what it is}\nrules:\n"
               "  - {id: low, priority: 1, then: {x: 1}}\n"
               "  - {id: high, priority: 5, when: {c: [a, null]}, then: {x: 2}, source: word}\n"
               "  - {id: off, disabled: true, then: {x: 3}}\n---\n"
               "knowledge: t\nkeys: fold\nrows: {A-b: {v: 1}, c: 2}\n");
    write_text(directory / "base/r.yaml",
               "# a recipe\nrecipe: r\ninputs: {x: {dtype: int64, dims: [1]}}\n"
               "heads: {task: {outputs: {y: x}}}\n");
    write_text(directory / "one/d.yaml",
               "decision: d\nrules:\n  - {id: high, disabled: true}\n"
               "  - {id: off, then: {x: 4}}\n  - {id: new, priority: 9, then: {x: 5}}\n---\n"
               "knowledge: t\nrows: {a_B: {v: 2}}\n");
    write_text(directory / "two/d.yaml", "decision: d\nrules:\n  - {id: low, then: {x: 6}}\n");
  }

  ProgramResult run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "rules");
    for (const char* word : {"--rules-only", "base", "--rules", "one", "--rules", "two"}) {
      arguments.emplace_back(word);
    }
    return run_program(arguments, {.directory = directory.path().string()});
  }

  TemporaryDirectory directory;
};

TEST_F(Listed, EverythingThereIs) {
  EXPECT_EQ(run({"list"}).out,
            "DECISION  HIT POLICY  RULES  FILES\n"
            "d         priority        3  base/d.yaml, one/d.yaml and 1 more\n"
            "\n"
            "KNOWLEDGE TABLE  ROWS  FILES\n"
            "t                   2  base/d.yaml, one/d.yaml\n"
            "\n"
            "RECIPE  FILE\n"
            "r       base/r.yaml\n"
            "\n"
            "BLOCK LIBRARY  FILE\n");
}

TEST_F(Listed, RulesInTheOrderOfEvaluation) {
  EXPECT_EQ(run({"list", "d"}).out,
            "decision d, hit policy priority\n"
            "\n"
            "PRIORITY  RULE  SOURCE  PLACE\n"
            "       9  new           one/d.yaml:5   added\n"
            "       0  low           two/d.yaml:3   replaces base/d.yaml:4\n"
            "       0  off           one/d.yaml:4   turned on, disabled at base/d.yaml:6\n"
            "       5  high  word    base/d.yaml:5  disabled at one/d.yaml:3\n");
}

TEST_F(Listed, RowsAndHeads) {
  EXPECT_THAT(run({"list", "t"}).out, HasSubstr("a_B  one/d.yaml:8    replaces base/d.yaml:10\n"));
  EXPECT_THAT(run({"list", "r"}).out, HasSubstr("head  task  base/r.yaml:4\n"));
}

TEST_F(Listed, ARuleWithItsHistory) {
  EXPECT_EQ(run({"show", "high"}).out,
            "# Rule of the decision d, not in force.\n"
            "#   defined    base/d.yaml:5:5\n"
            "#   disabled   one/d.yaml:3:5\n"
            "decision: d\n"
            "rules:\n"
            "  - id: high\n"
            "    priority: 5\n"
            "    when: {c: [a, null]}\n"
            "    then: {x: 2}\n"
            "    source: word\n");
  const Value json = parse_json(run({"show", "d/off", "-f", "json"}).out, "show");
  ASSERT_EQ(json.as_list().size(), 1u);
  const Value& rule = json.as_list()[0];
  EXPECT_EQ(*rule.find("in_force"), Value(true));
  EXPECT_EQ(rule.find("history")->as_list().size(), 3u);
  EXPECT_EQ(*rule.find_path("history.2.change"), Value("turned on"));
  EXPECT_EQ(*rule.find_path("history.2.layer"), Value(1));
  EXPECT_EQ(*rule.find_path("rule.then.x"), Value(4));
}

TEST_F(Listed, ARowUnderAnySpelling) {
  EXPECT_EQ(run({"show", "t/A_B"}).out,
            "# Row of the knowledge table t.\n"
            "#   defined    base/d.yaml:10:8\n"
            "#   replaced   one/d.yaml:8:8\n"
            "knowledge: t\nkeys: fold\nrows:\n  a_B: {v: 2}\n");
}

TEST_F(Listed, ARecipesText) {
  EXPECT_THAT(run({"show", "r"}).out, HasSubstr("# a recipe\nrecipe: r\n"));
}

// What is shown of a table can be read again as that table.
TEST_F(Listed, ShownTablesAreRuleFiles) {
  for (const char* name : {"d", "t"}) {
    write_text(directory / "again" / (std::string(name) + ".yaml"), run({"show", name}).out);
  }
  const ProgramResult again =
      run_program({"rules", "show", "d", "--rules-only", "again", "-f", "json"},
                  {.directory = directory.path().string()});
  ASSERT_EQ(again.status, 0) << again.err;
  const Value before = parse_json(run({"show", "d", "-f", "json"}).out, "show");
  const Value after = parse_json(again.out, "show");
  EXPECT_EQ(*before.find_path("0.rules.0.rule"), *after.find_path("0.rules.0.rule"));
  EXPECT_EQ(*before.find_path("0.columns"), *after.find_path("0.columns"));
}

TEST_F(Listed, UnknownNamesAreExitTwoWithTheNearest) {
  for (const auto& [id, near] : std::vector<std::pair<std::string, std::string>>{
           {"hihg", "high"}, {"t/a_C", "t/a_B"}, {"neu", "new"}}) {
    const ProgramResult result = run({"show", id});
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(result.err, HasSubstr(near)) << id;
    EXPECT_EQ(result.out, "");
  }
  EXPECT_EQ(run({"list", "nothing-like-it"}).status, 2);
}

// The first round, an error, its mend, the end.
TEST(RulesWatch, ChecksAgainAfterEachChange) {
  TemporaryDirectory directory;
  write_text(directory / "ov/a.yaml", "decision: task\nrules: []\n");
  write_text(directory / "script", R"sh(
    rounds() {
      for i in $(seq 300); do
        [ "$(grep -c '^[0-9][0-9]:' out)" -ge $1 ] && return
        sleep 0.1
      done
    }
    "$1" rules watch --rules ov >out 2>err & watch=$!
    rounds 1; echo 'decision: [' >ov/b.yaml
    rounds 2; rm ov/b.yaml
    rounds 3; kill -TERM $watch; wait $watch; echo "status $?"; cat out
  )sh");
  const ProgramResult result =
      run_program({"script", SWITCHYARD_PROGRAM},
                  {.program = "/bin/sh", .directory = directory.path().string()});
  EXPECT_THAT(result.out, testing::StartsWith("status 0\n"));
  EXPECT_THAT(result.out, testing::ContainsRegex("ok: .*no golden files"));
  EXPECT_THAT(result.out, HasSubstr("ov/b.yaml:"));
  EXPECT_THAT(result.out, testing::ContainsRegex("NOT OK: 1 error, .*tests not run"));
  EXPECT_GT(result.out.rfind("  ok: "), result.out.find("NOT OK")) << result.out;
}

TEST(RulesWatch, NeedsSomethingToWatch) {
  TemporaryDirectory directory;
  const ProgramInput here{.directory = directory.path().string()};
  EXPECT_EQ(run_program({"rules", "watch"}, here).status, 2);
  EXPECT_EQ(run_program({"rules", "watch", "none"}, here).status, 2);
}

}  // namespace
}  // namespace switchyard
