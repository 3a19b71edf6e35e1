// rules check, as a person runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/json.h"
#include "tests/support/temporary_directory.h"
#include "tests/cli/run_program.h"

namespace switchyard {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

// Two rules that look disjoint to their author only.
constexpr const char* kNamesThatMeet =
    "decision: task\n"
    "disjoint: [[mine/tiny, mine/base]]\n"
    "rules:\n"
    "  - {id: mine/tiny, priority: 790, when: {model_id: {matches: '.+-tiny-?.*'}}, then: {task: "
    "fill-mask}}\n"
    "  - {id: mine/base, priority: 790, when: {model_id: {matches: '.+-base-?.*'}}, then: {task: "
    "feature-extraction}}\n";

class RulesCheck : public testing::Test {
 protected:
  ProgramResult check(const std::string& overlay, std::vector<std::string> more = {}) {
    write_text(directory / "mine/a.yaml", overlay);
    std::vector<std::string> words{"rules", "check", "--rules", (directory / "mine").string()};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words);
  }

  TemporaryDirectory directory;
};

TEST_F(RulesCheck, ShippedRulesHaveNoError) {
  const ProgramResult result = run_program({"rules", "check"});
  EXPECT_EQ(result.status, 0) << result.out;
  EXPECT_THAT(result.out, Not(HasSubstr(": error: ")));
  EXPECT_THAT(result.err, HasSubstr("0 errors, "));
}

TEST_F(RulesCheck, TellsEverythingAtOnce) {
  const ProgramResult result = check(
      "decision: task\n"
      "rules:\n"
      "  - {id: a, priority: 700, when: {model_type_key: sam, config.x: 1}, then: {task: "
      "depth-estimation}}\n"
      "  - {id: b, priority: 1, when: {model_id: {matches: '('}}, then: {task: fill-mask}}\n"
      "---\n"
      "recipe: broken\n"
      "inputs: {x: {dtype: float32, dims: [1]}}\n"
      "graph: ['y = Add(x,']\n"
      "heads: {fill-mask: {outputs: {logits: y}}}\n");
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.out, HasSubstr("a.yaml:3:5: error: [task: a] "));
  EXPECT_THAT(result.out, HasSubstr("(collides with \"sentinel/sam\", rules/tasks.yaml:"));
  EXPECT_THAT(result.out, HasSubstr("a.yaml:4:53: error: [task: b] the regular expression"));
  EXPECT_THAT(result.out, HasSubstr("a.yaml:8:"));
  EXPECT_THAT(result.out, HasSubstr(": error: [broken] "));
  EXPECT_THAT(result.err, EndsWith("3 errors, 1 warning\n"));
}

TEST_F(RulesCheck, AnswersInJson) {
  const ProgramResult result =
      check("decision: task\nrules:\n  - {id: a, priority: -1, then: {task: fill-mask}}\n",
            {"-f", "json"});
  EXPECT_EQ(result.status, 2);
  const Value problems = parse_json(result.out, "out");
  const Value& problem = problems.as_list().front();
  EXPECT_EQ(problem.find("kind")->as_string(), "shadowed");
  EXPECT_EQ(problem.find("rule")->as_string(), "a");
  EXPECT_EQ(problem.find_path("place.line")->as_int(), 3);
  EXPECT_EQ(problem.find("other_rule")->as_string(), "last-resort");
  EXPECT_EQ(problem.find_path("other_place.file")->as_string(), "rules/tasks.yaml");
}

TEST_F(RulesCheck, HoldsWhatIsDeclaredDisjointAgainstACorpus) {
  EXPECT_EQ(check(kNamesThatMeet).status, 0);
  write_text(
      directory / "apart.jsonl",
      "{\"id\": 1, \"model_id\": \"acme/x-tiny\", \"config\": {\"model_type\": \"bert\"}}\n\n"
      "{\"id\": 2, \"model_id\": \"acme/x-base\", \"config\": {\"model_type\": \"bert\"}}\n");
  const std::string apart = (directory / "apart.jsonl").string();
  EXPECT_EQ(check(kNamesThatMeet, {"--corpus", apart}).status, 0);
  write_text(directory / "both.jsonl",
             "{\"id\": \"this one\", \"model_id\": \"acme/x-tiny-base\", \"config\": "
             "{\"model_type\": \"bert\"}}\n");
  const ProgramResult result =
      check(kNamesThatMeet, {"--corpus", apart, "--corpus", (directory / "both.jsonl").string()});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.out, HasSubstr("a.yaml:2:12: error: [task: mine/tiny] declared disjoint, but "
                                    "both hold for this one (collides with \"mine/base\", "));
  EXPECT_EQ(check(kNamesThatMeet, {"--corpus", (directory / "none.jsonl").string()}).status, 1);
}

TEST_F(RulesCheck, NeedsADirectory) {
  const ProgramResult result = run_program({"rules", "check", "--rules", "not-there"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("not-there"));
}

}  // namespace
}  // namespace switchyard
