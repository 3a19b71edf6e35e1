// What the program says to a wrong command line, and where it says things.
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <sstream>

#include "engine/json.h"
#include "tests/support/temporary_directory.h"
#include "tests/cli/run_program.h"

namespace switchyard {
namespace {

using Words = std::vector<std::string>;

struct WrongUse {
  std::string name;
  Words arguments;
  Words says;  // on standard error
};

void PrintTo(const WrongUse& use, std::ostream* out) { *out << use.name; }

class WrongCommandLine : public testing::TestWithParam<WrongUse> {};

TEST_P(WrongCommandLine, IsStatusTwoAndOneLine) {
  const ProgramResult result = run_program(GetParam().arguments);
  EXPECT_EQ(result.status, 2) << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  EXPECT_TRUE(result.err.starts_with("switchyard: error: ")) << result.err;
  for (const std::string& word : GetParam().says) {
    EXPECT_NE(result.err.find(word), std::string::npos) << word << " not in " << result.err;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Cases, WrongCommandLine,
    testing::Values(
        WrongUse{"unknown_command", {"inspct"}, {"'inspct'", "'inspect'"}},
        WrongUse{"unknown_option", {"inspect", "--modle", "x"}, {"--modle", "--model"}},
        WrongUse{"unknown_option_value", {"inspect", "--modle=x"}, {"--modle", "--model"}},
        WrongUse{"option_without_value", {"inspect", "-m"}, {"--model", "value"}},
        WrongUse{"wrong_format", {"inspect", "-m", "x", "-f", "xml"}, {"xml", "table", "json"}},
        WrongUse{"wrong_weights",
                 {"export", "-m", "x", "-o", "y", "--weights", "copy"},
                 {"copy", "auto", "reference", "embed"}},
        WrongUse{"wrong_number", {"run", "-m", "x", "--top-k", "many", "y.png"}, {"number"}},
        WrongUse{"operand_too_many", {"inspect", "-m", "x", "y"}, {"'y'", "inspect"}},
        WrongUse{"inspect_nothing", {"inspect"}, {"-m", "--model-type"}},
        WrongUse{"export_no_model", {"export", "-o", "x"}, {"'export'", "-m"}},
        WrongUse{"export_no_output", {"export", "-m", "x"}, {"'export'", "-o"}},
        WrongUse{"build_model_type_only", {"build", "--model-type", "x", "-o", "y"}, {"-m"}},
        WrongUse{"verify_one", {"verify", "a.onnx"}, {"REFERENCE CANDIDATE"}},
        WrongUse{"run_nothing", {"run", "-m", "x"}, {"INPUT"}},
        WrongUse{"eval_no_data", {"eval", "-m", "x"}, {"--data"}},
        WrongUse{"rules_nothing", {"rules"}, {"'rules'", "check", "test"}},
        WrongUse{"rules_unknown", {"rules", "fly"}, {"'rules fly'", "'rules fmt'"}},
        WrongUse{"rules_not_there",
                 {"inspect", "--model-type", "x", "--rules", "/no/such/rules"},
                 {"/no/such/rules"}},
        WrongUse{"golden_not_there", {"rules", "test", "/no/such/golden"}, {"/no/such/golden"}}),
    [](const auto& info) { return info.param.name; });

TEST(CommandLine, VersionAndHelpGoToStandardOutput) {
  EXPECT_TRUE(run_program({"--version"}).out.starts_with("switchyard "));
  const ProgramResult help = run_program({"--help"});
  EXPECT_EQ(help.status, 0);
  for (const char* command : {"inspect", "config", "export", "optimize", "quantize", "build",
                              "verify", "run", "eval", "perf", "rules"}) {
    EXPECT_NE(help.out.find(command), std::string::npos) << command;
    const ProgramResult own = run_program({command, "--help"});
    EXPECT_EQ(own.status, 0) << own.err;
    EXPECT_NE(own.out.find(std::string("switchyard ") + command), std::string::npos) << own.out;
  }
}

TEST(CommandLine, NoCommandPrintsTheHelpAndFails) {
  const ProgramResult result = run_program({});
  EXPECT_EQ(result.status, 2);
  EXPECT_NE(result.out.find("inspect"), std::string::npos);
}

TEST(CommandLine, AFullDiskIsAnError) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  TemporaryDirectory directory;
  write_text(directory / "script.sh",
             std::string("exec ") + SWITCHYARD_PROGRAM + " --version > /dev/full");
  ProgramInput input;
  input.program = "/bin/sh";
  const ProgramResult result = run_program({(directory / "script.sh").string()}, input);
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.err.find("standard output"), std::string::npos) << result.err;
}

TEST(JsonLines, AnswersInOrderAndSkipsBlanks) {
  std::string requests;
  for (int i = 0; i < 500; ++i) {
    requests +=
        "{\"id\": \"" + std::to_string(i) + "\", \"options\": {\"model_type\": \"bert\"}}\n";
    if (i % 7 == 0) requests += " \r\n";
  }
  requests += "not json\n{\"id\": \"last\", \"config\": {\"model_type\": \"vit\", \"x\": NaN}}";
  ProgramInput input;
  input.text = requests;
  const ProgramResult result = run_program({"inspect", "--jsonl"}, input);
  ASSERT_EQ(result.status, 0) << result.err;
  std::vector<Value> answers;
  std::istringstream lines(result.out);
  for (std::string line; std::getline(lines, line);) answers.push_back(parse_json(line, "answer"));
  ASSERT_EQ(answers.size(), 502u);
  for (int i = 0; i < 500; ++i) EXPECT_EQ(*answers[i].find("id"), Value(std::to_string(i)));
  EXPECT_TRUE(answers[500].find("id")->is_null());
  EXPECT_NE(answers[500].find("error")->as_string().find("573"), std::string::npos)
      << answers[500].to_json();
  EXPECT_EQ(*answers[501].find("id"), Value("last"));
  EXPECT_TRUE(answers[501].find("error")->is_null());

  // From a file: the same answers.
  TemporaryDirectory directory;
  write_text(directory / "requests.jsonl", requests);
  EXPECT_EQ(run_program({"inspect", "--jsonl", (directory / "requests.jsonl").string()}).out,
            result.out);
  EXPECT_EQ(run_program({"inspect", "--jsonl", "-", "--threads", "1"}, input).out, result.out);
}

TEST(JsonLines, AFileThatIsNotThereIsAnError) {
  const ProgramResult result = run_program({"inspect", "--jsonl", "/no/such/file"});
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.err.find("/no/such/file"), std::string::npos);
}

}  // namespace
}  // namespace switchyard
