// Editing the shipped rules in a checkout: --rules-only DIR stands in for what is compiled in.
#include <gtest/gtest.h>

#include <filesystem>

#include "engine/json.h"
#include "tests/support/temporary_directory.h"
#include "tests/cli/run_program.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

class RulesOnly : public testing::Test {
 protected:
  RulesOnly() {
    fs::copy(fs::path(SWITCHYARD_SOURCE_DIR) / "rules", rules, fs::copy_options::recursive);
  }

  // Replaces `from` in a rules file.
  void edit(const std::string& file, const std::string& from, const std::string& to) {
    std::string text = read_text(rules / file);
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << file << " has no " << from;
    write_text(rules / file, text.replace(at, from.size(), to));
  }
  // Takes out everything from `from` up to `until`.
  void remove(const std::string& file, const std::string& from, const std::string& until) {
    const std::string text = read_text(rules / file);
    const auto at = text.find(from);
    const auto end = text.find(until, at);
    ASSERT_NE(end, std::string::npos) << file << " has no " << from << " before " << until;
    write_text(rules / file, text.substr(0, at) + text.substr(end));
  }

  Value inspect(const std::string& config, bool only) {
    write_text(directory / "model/config.json", config);
    std::vector<std::string> arguments = {"inspect", "-m", (directory / "model").string(), "-f",
                                          "json", "-q"};
    if (only) arguments.insert(arguments.end(), {"--rules-only", rules.string()});
    const ProgramResult result = run_program(arguments);
    EXPECT_EQ(result.status, 0) << result.err;
    return parse_json(result.out, "inspect");
  }

  TemporaryDirectory directory;
  fs::path rules = directory / "rules";
};

TEST_F(RulesOnly, GivesTheOutcomesOfTheEmbeddedRules) {
  const std::string sample = SWITCHYARD_SOURCE_DIR "/tests/data/resolution_sample.jsonl";
  const ProgramResult embedded = run_program({"inspect", "--jsonl", sample});
  const ProgramResult files =
      run_program({"inspect", "--jsonl", sample, "--rules-only", rules.string()});
  EXPECT_EQ(embedded.status, 0) << embedded.err;
  EXPECT_EQ(files.status, 0) << files.err;
  EXPECT_GT(embedded.out.size(), 10'000u);
  EXPECT_EQ(embedded.out, files.out);
}

TEST_F(RulesOnly, FollowsAnEdit) {
  const std::string config = R"({"model_type": "sam", "architectures": ["SamModel"]})";
  edit("modality.yaml", "main_input_name: pixel_values", "main_input_name: another_input");
  const std::string vit = R"({"model_type": "vit", "architectures": ["ViTModel"]})";
  EXPECT_EQ(*inspect(vit, false).find("task"), Value("image-feature-extraction"));
  EXPECT_EQ(*inspect(vit, true).find("task"), Value("feature-extraction"));
  EXPECT_EQ(*inspect(config, true).find("task"), *inspect(config, false).find("task"));
}

TEST_F(RulesOnly, FollowsADeletion) {
  const std::string config = R"({"model_type": "sam", "architectures": ["SamModel"]})";
  remove("tasks.yaml", "  - id: sentinel/sam\n", "  - id: sentinel/sam2\n");
  EXPECT_EQ(*inspect(config, false).find("source"), Value("sentinel-default"));
  EXPECT_EQ(*inspect(config, true).find("source"), Value("tasks-manager"));
}

TEST_F(RulesOnly, NamesThePlaceOfAFault) {
  edit("modality.yaml", "priority: 100", "priority: high");
  const ProgramResult result = run_program({"inspect", "--model-type", "vit", "--rules-only",
                                            rules.string()});
  EXPECT_EQ(result.status, 2);
  EXPECT_NE(result.err.find("modality.yaml:"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace switchyard
