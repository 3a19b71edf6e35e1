// Golden files: reading, running and updating them.
#include "stages/workshop/golden/golden.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <string>
#include <string_view>

#include "engine/error.h"
#include "stages/workshop/golden/golden_outcome.h"
#include "stages/workshop/golden/golden_text.h"
#include "tests/resolve/support.h"

namespace switchyard {
namespace {

// After a deliberate change of the rules: `switchyard rules test --update`, and commit the diff. A
// new rule needs a case that it decides.
TEST(Golden, OutcomesOfTheShippedRulesAreThoseInTheFiles) {
  const GoldenReport report =
      run_golden(shipped_rules(), source_directory() / "tests/golden/rules", {.threshold = 100});
  EXPECT_GT(report.cases.size(), 100u);
  EXPECT_EQ(report.failed(), 0u) << golden_text(report, false);
  EXPECT_FALSE(report.below_threshold()) << golden_text(report, false);
}

constexpr const char* kCase =
    R"({"name": "a", "request": {"config": {"model_type": "vit", "architectures": ["ViTModel"]}}})";
constexpr const char* kTableCase =
    R"({"name": "t", "decision": "modality", "facts": {"task": "feature-extraction"}, "expect": null})";

TEST(Golden, UpdateFillsInAndThenNothingDiffers) {
  TemporaryDirectory directory;
  directory.write("b.jsonl", std::string(kCase) + "\n\n");
  EXPECT_EQ(run_golden(shipped_rules(), directory.path()).failed(), 1u);
  EXPECT_EQ(directory.read("b.jsonl"), std::string(kCase) + "\n\n");
  const GoldenReport updated = run_golden(shipped_rules(), directory.path(), {.update = true});
  EXPECT_EQ(updated.updated.size(), 1u);
  EXPECT_EQ(updated.failed(), 1u);
  const GoldenReport again = run_golden(shipped_rules(), directory.path(), {.update = true});
  EXPECT_EQ(again.failed(), 0u);
  EXPECT_TRUE(again.updated.empty());
  EXPECT_EQ(again.cases.size(), 1u);
}

TEST(Golden, UpdateKeepsWhatItDoesNotChange) {
  TemporaryDirectory directory;
  // Blanks, the order of keys and an own key stay in lines that are as expected.
  const std::string kept =
      R"({ "expect" : null, "facts" : {"task" : "fill-mask"}, "note": 1, "decision": "modality" })";
  directory.write("b.jsonl", kept + "\n\n" + R"({"expect": {"rule": "x"}, "why": "because", )" +
                                 R"("decision": "modality", "facts": {}})" + "\n" + kept);
  run_golden(shipped_rules(), directory.path(), {.update = true});
  EXPECT_EQ(directory.read("b.jsonl"),
            kept + "\n\n" + R"({"expect":null,"why":"because","decision":"modality","facts":{}})" +
                "\n" + kept + "\n");
  EXPECT_EQ(run_golden(shipped_rules(), directory.path()).failed(), 0u);
}

TEST(Golden, ReadsFoldersInOrderAndSkipsHiddenOnes) {
  TemporaryDirectory directory;
  for (const char* file : {"b.jsonl", "a/z.jsonl", "a/deep/er.jsonl", "c/x.jsonl"}) {
    directory.write(file, std::string(kTableCase) + "\n");
  }
  for (const char* file :
       {".hidden/x.jsonl", "a/.git/x.jsonl", ".x.jsonl", "notes.txt", "x.json"}) {
    directory.write(file, "no golden file");
  }
  std::string read;
  for (const GoldenResult& result : run_golden(shipped_rules(), directory.path()).cases) {
    read += result.file.substr(directory.path().string().size()) + " ";
  }
  EXPECT_EQ(read, "/a/deep/er.jsonl /a/z.jsonl /b.jsonl /c/x.jsonl ");
  EXPECT_EQ(run_golden(shipped_rules(), directory.path() / "b.jsonl").cases.size(), 1u);
}

TEST(Golden, RequestWithoutOutcomeIsAnOutcome) {
  const Value outcome =
      golden_outcome(shipped_rules(), json(R"({"config": {"model_type": "nothing"}})"));
  EXPECT_NE(outcome.find("error")->as_string().find("nothing"), std::string::npos);
}

constexpr const char* kTables = R"(
decision: one
columns: [x, y]
rules:
  - {id: a, when: {x: 1}, then: {r: {fact: y.z}}, warn: "y is {y.z}"}
---
decision: many
hit_policy: collect
rules:
  - {id: p, priority: 1, then: {r: 1}}
  - {id: q, when: {x: 1}, then: {r: 2}}
)";

TEST(Golden, CasesByFactsAskOneTable) {
  const auto book = RuleBook::from_texts({{"t.yaml", kTables}});
  struct Case {
    const char* decision;
    const char* facts;
    const char* outcome;
  };
  const Case cases[] = {
      {"one", R"({"x": 1, "y.z": 3})", R"({"rule":"a","outputs":{"r":3},"warnings":["y is 3"]})"},
      {"one", R"({"x": 1, "y": {"z": 4}})",
       R"({"rule":"a","outputs":{"r":4},"warnings":["y is 4"]})"},
      {"one", R"({"x": 2})", "null"},
      {"many", R"({"x": 1})", R"([{"rule":"p","outputs":{"r":1}},{"rule":"q","outputs":{"r":2}}])"},
      {"many", "{}", R"([{"rule":"p","outputs":{"r":1}}])"},
  };
  for (const Case& c : cases) {
    GoldenCase golden;
    golden.decision = c.decision;
    golden.facts = json(c.facts);
    EXPECT_EQ(golden_outcome(*book, golden).to_json(), c.outcome) << c.facts;
  }
}

TEST(Golden, NoWarningIsAnEmptyListToo) {
  const auto book = RuleBook::from_texts({{"t.yaml", kTables}});
  TemporaryDirectory directory;
  directory.write("a.jsonl", R"({"decision": "many", "facts": {}, "expect": )"
                             R"([{"rule": "p", "outputs": {"r": 1}, "warnings": []}]})");
  EXPECT_EQ(run_golden(*book, directory.path()).failed(), 0u);
}

TEST(Golden, WrongFilesAreErrorsWithTheirPlace) {
  TemporaryDirectory directory;
  EXPECT_THROW(run_golden(shipped_rules(), directory.path() / "none"), Error);
  EXPECT_THROW(run_golden(shipped_rules(), directory.path()), Error);
  struct Case {
    const char* line;
    const char* says;
  };
  const Case cases[] = {
      {R"({"name": 1})", "needs a request"},
      {R"([1])", "is an object"},
      {R"({"request": {}, "decision": "task"})", "either a request"},
      {R"({"request": 3})", "the request of a golden case is an object"},
      {R"({"decision": 3})", "the decision of a golden case is a name"},
      {R"({"decision": "task", "facts": []})", "the facts of a golden case are an object"},
      {R"({"decision": "tsk"})", "Did you mean task?"},
      {R"({"decision": "modality", "facts": {"tasc": 1}})",
       "reads no fact \"tasc\". Did you mean task?"},
      {R"({"request": )", ":2:"},
  };
  for (const auto& [line, says] : cases) {
    directory.write("a.jsonl", std::string(kTableCase) + "\n" + line + "\n");
    try {
      run_golden(shipped_rules(), directory.path());
      ADD_FAILURE() << line;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUsage);
      EXPECT_EQ(error.place().line, 2);
      EXPECT_NE(std::string_view(error.what()).find(says), std::string_view::npos) << error.what();
    }
  }
}

// While it lives no file can grow, as on a disk without room.
class FullDisk {
 public:
  FullDisk() : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const struct rlimit none{0, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &none);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  struct rlimit before_ {};
  void (*handler_)(int);
};

TEST(Golden, FailedWriteLeavesTheOldFile) {
  TemporaryDirectory directory;
  directory.write("a.jsonl", std::string(kCase) + "\n");
  {
    const FullDisk full;
    EXPECT_THROW(run_golden(shipped_rules(), directory.path(), {.update = true}), Error);
  }
  EXPECT_EQ(directory.read("a.jsonl"), std::string(kCase) + "\n");
}

}  // namespace
}  // namespace switchyard
