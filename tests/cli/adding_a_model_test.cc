// docs/adding-a-model.md, executed: every file it shows written, every command run.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "tests/cli/run_program.h"
#include "tests/cli/transcript.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = SWITCHYARD_SOURCE_DIR;
const fs::path kExample = kSource / "examples/adding-a-model";

std::string read(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

std::vector<TranscriptStep> document() {
  return read_transcript(read(kSource / "docs/adding-a-model.md"));
}

// A folder with the example's checkpoint and data, and none of its rules.
class AddingAModel : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "switchyard-adding-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    for (const char* part : {"checkpoint", "data"}) {
      fs::copy(kExample / part, folder / part, fs::copy_options::recursive);
    }
  }
  void TearDown() override { fs::remove_all(folder); }

  std::string run(const std::string& command) const {
    ProgramInput input;
    input.program = "/bin/sh";
    input.directory = folder.string();
    const char* path = std::getenv("PATH");
    input.environment = {"PATH=" + fs::path(SWITCHYARD_PROGRAM).parent_path().string() + ":" +
                         (path != nullptr ? path : "/usr/bin:/bin")};
    const ProgramResult result = run_program({"-c", command}, input);
    return result.out + result.err;
  }

  fs::path folder;
};

TEST_F(AddingAModel, TranscriptIsWhatHappens) {
  std::size_t commands = 0;
  for (const TranscriptStep& step : document()) {
    if (step.file.empty()) {
      ++commands;
      const std::string printed = run(step.command);
      EXPECT_TRUE(matches_transcript(step.text, printed))
          << "docs/adding-a-model.md:" << step.line << ": $ " << step.command << "\nprints\n"
          << printed << "and not\n"
          << step.text;
      continue;
    }
    fs::create_directories((folder / step.file).parent_path());
    std::ofstream(folder / step.file, std::ios::binary) << step.text;
  }
  EXPECT_GT(commands, 12u);
  // What a reader has at the end is what the example ships.
  for (const char* part : {"rules", "golden"}) {
    std::set<fs::path> shipped, written;
    for (const auto& entry : fs::directory_iterator(kExample / part)) {
      shipped.insert(entry.path().filename());
      EXPECT_EQ(read(entry.path()), read(folder / part / entry.path().filename())) << entry.path();
    }
    for (const auto& entry : fs::directory_iterator(folder / part)) {
      written.insert(entry.path().filename());
    }
    EXPECT_EQ(shipped, written) << part;
  }
}

TEST_F(AddingAModel, TakesFewerThanThirtyLinesOfYaml) {
  std::ptrdiff_t lines = 0;
  for (const TranscriptStep& step : document()) {
    if (step.file.ends_with(".yaml")) lines += std::ranges::count(step.text, '\n');
  }
  EXPECT_GT(lines, 10);
  EXPECT_LT(lines, 30);
}

// The last paragraph: the same files among the shipped rules.
TEST_F(AddingAModel, OverlayCanBeShippedAsItIs) {
  fs::copy(kSource / "rules", folder / "rules", fs::copy_options::recursive);
  fs::copy(kSource / "tests/golden/rules", folder / "golden", fs::copy_options::recursive);
  fs::create_directories(folder / "rules/digit-perceptron");
  fs::copy(kExample / "rules", folder / "rules/digit-perceptron");
  fs::copy(kExample / "golden/digit-perceptron.jsonl", folder / "golden");
  EXPECT_EQ(run("switchyard rules check --quiet --rules-only rules | grep -c error:"), "0\n");
  EXPECT_EQ(run("switchyard rules test --quiet --rules-only rules golden >out.txt; echo $?"), "0\n")
      << read(folder / "out.txt");
}

TEST(Transcript, EllipsesMatchAnything) {
  EXPECT_TRUE(matches_transcript("a\nb\n", "a\nb\n\n"));
  EXPECT_TRUE(matches_transcript("a ... c", "a b+(c) c\n"));
  EXPECT_TRUE(matches_transcript("a (b) [x] 1.5\n", "a (b) [x] 1.5\n"));
  EXPECT_FALSE(matches_transcript("1.5", "105"));
  EXPECT_TRUE(matches_transcript("a\n...\nz", "a\nb\nc\nz"));
  EXPECT_TRUE(matches_transcript("a\n  ...\nz", "a\nz"));
  EXPECT_FALSE(matches_transcript("a\n...\nz", "a\nb"));
  EXPECT_FALSE(matches_transcript("a", "a\nb"));
  EXPECT_FALSE(matches_transcript("a\nb", "a"));
}

TEST(Transcript, FilesAndCommandsAreRead) {
  const auto steps = read_transcript(
      "text\n\n`a.yaml`:\n\n```yaml\nx: 1\n```\n\n```yaml\nnot: a file\n```\n"
      "```console\n$ one\nout\n\n$ two\n```\n");
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[0].file, "a.yaml");
  EXPECT_EQ(steps[0].text, "x: 1\n");
  EXPECT_EQ(steps[1].command, "one");
  EXPECT_EQ(steps[1].text, "out\n\n");
  EXPECT_EQ(steps[2].command, "two");
  EXPECT_EQ(steps[2].line, 16);
}

}  // namespace
}  // namespace switchyard
