// `recipe new`, `check` and `trace` as a person meets them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "engine/json.h"
#include "tests/cli/run_program.h"
#include "tests/support/temporary_directory.h"

namespace switchyard {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kDigits = SWITCHYARD_SOURCE_DIR "/examples/digits-resnet";

TEST(RecipeNew, WritesARecipeThatCheckAccepts) {
  TemporaryDirectory directory;
  const std::string file = (directory / "mine.yaml").string();
  const ProgramResult made =
      run_program({"recipe", "new", "-m", kDigits, "--recipe", "mine", "-o", file});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(made.out, IsEmpty());
  EXPECT_THAT(read_text(file), AllOf(HasSubstr("recipe: mine\n"), HasSubstr("@ fc"),
                                     HasSubstr("# weight [10, 96], bias [10]")));
  const ProgramResult checked = run_program({"recipe", "check", file});
  EXPECT_EQ(checked.status, 0) << checked.out;

  const ProgramResult again = run_program({"recipe", "new", "-m", kDigits, "-o", file});
  EXPECT_EQ(again.status, 2);
  EXPECT_THAT(again.err, HasSubstr("the file is there already"));
}

// A model type that no rule knows is what recipes are written for.
TEST(RecipeNew, TakesModelsThatTheRulesDoNotKnow) {
  TemporaryDirectory directory;
  std::filesystem::copy(kDigits + "/model.safetensors", directory / "model.safetensors");
  write_text(directory / "config.json", R"({"model_type": "homemade-net", "hidden_act": "relu"})");
  const ProgramResult made = run_program({"recipe", "new", "-m", directory.path().string()});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(made.err, HasSubstr("the rules do not know this model"));
  EXPECT_THAT(made.out, AllOf(HasSubstr("recipe: 'homemade-net'"),
                              HasSubstr("  hidden_act: config.hidden_act"), HasSubstr("@ fc")));
}

TEST(RecipeCheck, NamesThePlaceAndIsStatusTwo) {
  TemporaryDirectory directory;
  const std::string file = (directory / "own.yaml").string();
  write_text(file,
             "recipe: own\n"
             "inputs: {x: {dtype: float32, dims: [batch_size, 4]}}\n"
             "graph:\n"
             "  - x = Rleu(x)\n"
             "  - x = Add(x, z)\n"
             "heads:\n"
             "  feature-extraction: {outputs: {y: x}}\n");
  const ProgramResult result = run_program({"recipe", "check", file});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(
      result.out,
      AllOf(HasSubstr(file + ":4:9: error: [own: graph] ONNX opset 17 has no operator 'Rleu'. "
                             "Did you mean Relu?"),
            HasSubstr(file + ":5:16: error: [own: graph] there is no name 'z' here")));
  EXPECT_THAT(result.err, HasSubstr("2 errors, 0 warnings"));

  const ProgramResult json = run_program({"recipe", "check", file, "-f", "json"});
  EXPECT_EQ(json.status, 2);
  const Value problems = parse_json(json.out, "problems");
  ASSERT_EQ(problems.as_list().size(), 2u);
  EXPECT_EQ(problems.as_list()[0].find("place")->find("line")->as_int(), 4);
}

TEST(RecipeCheck, KnowsRecipesByName) {
  EXPECT_EQ(run_program({"recipe", "check", "timm/resnet", "linear"}).status, 0);
  const ProgramResult result = run_program({"recipe", "check", "timm/resnte"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("Did you mean timm/resnet"));
}

TEST(RecipeTrace, ShowsTheLineOfEachNode) {
  const ProgramResult result = run_program({"recipe", "trace", "-m", kDigits, "fc"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("rules/graphs/timm/resnet.yaml:"), HasSubstr("/fc/Gemm"),
                    HasSubstr("$fc.weight[10, 96], $fc.bias[10] -> logits float32[batch_size, 10]"),
                    HasSubstr("[rules/graphs/lib/linear.yaml:"), Not(HasSubstr("/layer1"))));
  const ProgramResult none = run_program({"recipe", "trace", "-m", kDigits, "layer9"});
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.err, HasSubstr("no node lies below 'layer9'"));
}

TEST(RecipeTrace, AnswersPrograms) {
  const ProgramResult result =
      run_program({"recipe", "trace", "-m", kDigits, "/layer2.0/conv1", "-f", "json"});
  ASSERT_EQ(result.status, 0) << result.err;
  const Value trace = parse_json(result.out, "trace");
  EXPECT_TRUE(trace.find("stopped")->is_null());
  const Value& node = trace.find("nodes")->as_list().at(0);
  EXPECT_EQ(node.find("op")->as_string(), "Conv");
  EXPECT_EQ(node.find("inputs")->as_list()[1].find("source")->as_string(), "weight");
}

}  // namespace
}  // namespace switchyard
