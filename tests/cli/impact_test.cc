// `rules impact` as a person runs it.
#include <gtest/gtest.h>

#include <filesystem>

#include "engine/json.h"
#include "tests/support/temporary_directory.h"
#include "tests/cli/run_program.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

const char* const kSample = SWITCHYARD_SOURCE_DIR "/tests/data/resolution_sample.jsonl";

class ImpactCommand : public testing::Test {
 protected:
  ImpactCommand() {
    write_text(directory / "overlay/sam.yaml",
               "decision: task\nrules:\n"
               "  - {id: sentinel/sam, disabled: true}\n"
               "  - {id: mine/sam, priority: 710, when: {model_type: {folds_to: sam}},\n"
               "     then: {task: image-segmentation}, source: mine}\n");
    write_text(directory / "corpus.jsonl",
               R"({"id": "a-sam", "config": {"model_type": "sam", "architectures": ["SamModel"]}})"
               "\n"
               R"({"id": "a-bert", "config": {"model_type": "bert"}})"
               "\n");
  }
  std::string path(const std::string& name) const { return (directory / name).string(); }

  // A copy of the shipped rules without what stands from `from` up to `until`.
  void copy_rules(const std::string& from, const std::string& until) {
    fs::copy(fs::path(SWITCHYARD_SOURCE_DIR) / "rules", directory / "whole",
             fs::copy_options::recursive);
    std::string text = read_text(directory / "whole/tasks.yaml");
    const auto begin = text.find(from);
    const auto end = text.find(until, begin);
    ASSERT_NE(end, std::string::npos) << "no " << from << " before " << until;
    write_text(directory / "whole/tasks.yaml", text.erase(begin, end - begin));
  }

  ProgramResult impact(std::vector<std::string> more) {
    std::vector<std::string> arguments = {"rules", "impact"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }

  TemporaryDirectory directory;
};

TEST_F(ImpactCommand, ShowsWhatAnOverlayChanges) {
  const ProgramResult result = impact({"--with", path("overlay"), path("corpus.jsonl")});
  EXPECT_EQ(result.status, 3) << result.err;
  EXPECT_EQ(result.err, "");
  for (const char* said : {"an overlay over the embedded rules", "1  another outcome",
                           "1  no change", "1 model: task, the new rule mine/sam",
                           "mask-generation (sentinel/sam) -> image-segmentation", "a-sam"}) {
    EXPECT_NE(result.out.find(said), std::string::npos) << said << "\n" << result.out;
  }
  EXPECT_EQ(result.out.find("a-bert"), std::string::npos) << result.out;
}

TEST_F(ImpactCommand, ShowsWhatADeletionInAWholeSetChanges) {
  copy_rules("  - id: sentinel/sam\n", "  - id: sentinel/sam2\n");
  const ProgramResult result =
      impact({"--with", path("whole"), path("corpus.jsonl"), "-f", "json"});
  EXPECT_EQ(result.status, 3) << result.err;
  const Value report = parse_json(result.out, "report");
  EXPECT_EQ(*report.find_path("causes.0.cause"), Value("removed_rule"));
  EXPECT_EQ(*report.find_path("causes.0.rule"), Value("sentinel/sam"));
  EXPECT_EQ(*report.find("changed"), Value(1));
  EXPECT_NE(report.find("after")->as_string().find("a whole set"), std::string::npos);
  // The other way round the rule is new.
  const ProgramResult back =
      impact({"--base", path("whole"), "--with", SWITCHYARD_SOURCE_DIR "/rules",
              path("corpus.jsonl"), "-f", "json"});
  EXPECT_EQ(back.status, 3) << back.err;
  EXPECT_EQ(*parse_json(back.out, "report").find_path("causes.0.cause"), Value("new_rule"));
}

TEST_F(ImpactCommand, ExitsWithZeroWhenNothingChanges) {
  const ProgramResult result = impact({"--with", SWITCHYARD_SOURCE_DIR "/rules", kSample});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_NE(result.out.find("no change"), std::string::npos) << result.out;
}

TEST_F(ImpactCommand, WritesTheSameForAnyNumberOfThreads) {
  for (const char* format : {"table", "json", "markdown"}) {
    const ProgramResult one = impact(
        {"--with", path("overlay"), kSample, path("corpus.jsonl"), "--threads", "1", "-f", format});
    const ProgramResult four = impact(
        {"--with", path("overlay"), kSample, path("corpus.jsonl"), "--threads", "4", "-f", format});
    EXPECT_EQ(one.status, 3) << one.err;
    EXPECT_EQ(one.out, four.out);
    EXPECT_GT(one.out.size(), 300u);
  }
}

TEST_F(ImpactCommand, WritesMarkdownThatNamesCannotBreak) {
  write_text(directory / "corpus.jsonl", R"({"id": "a|b`<b>\n", "config": {"model_type": "sam"}})"
                                         "\n");
  const ProgramResult result =
      impact({"--with", path("overlay"), path("corpus.jsonl"), "-f", "markdown"});
  EXPECT_EQ(result.status, 3) << result.err;
  EXPECT_TRUE(result.out.starts_with("### Rules impact: 1 model of 1 changes\n")) << result.out;
  EXPECT_NE(result.out.find("`a\\|b'<b> `"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("<details>"), std::string::npos);
}

TEST_F(ImpactCommand, SaysWhatIsWrong) {
  EXPECT_EQ(impact({path("corpus.jsonl")}).status, 2);
  EXPECT_EQ(impact({"--with", path("nothing"), path("corpus.jsonl")}).status, 2);
  EXPECT_EQ(impact({"--with", path("overlay")}).status, 2);
  EXPECT_EQ(impact({"--with", path("overlay"), path("no-corpus.jsonl")}).status, 1);
  EXPECT_EQ(impact({"--with", path("overlay"), path("corpus.jsonl"), "--examples", "-1"}).status,
            2);
  write_text(directory / "overlay/sam.yaml", "decision: task\nrules: [{id: a}]\n");
  const ProgramResult fault = impact({"--with", path("overlay"), path("corpus.jsonl")});
  EXPECT_EQ(fault.status, 2);
  EXPECT_NE(fault.err.find("sam.yaml:2:"), std::string::npos) << fault.err;
}

}  // namespace
}  // namespace switchyard
