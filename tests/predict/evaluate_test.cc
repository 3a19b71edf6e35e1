// What the evaluator's rule says is what is measured.
#include "stages/predict/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/json.h"
#include "tests/predict/colour_model.h"

namespace switchyard {
namespace {

using ::testing::HasSubstr;
using testing::TemporaryFolder;
namespace fs = std::filesystem;

// A map of 3 channels, 4 x 4, beside its tokens.
constexpr char kFeatures[] = R"(<ir_version: 8, opset_import: ["" : 17]>
  features (float[batch_size, 3, 4, 4] pixel_values)
      => (float[batch_size, 3, 4, 4] last_hidden_state, float[batch_size, 16, 3] tokens) {
    last_hidden_state = Identity(pixel_values)
    dims = Constant<value = int64[3] {0, 3, 16}>()
    flat = Reshape(pixel_values, dims)
    tokens = Transpose<perm = [0, 2, 1]>(flat)
  })";

constexpr char kKnn[] =
    R"({"evaluator": "knn", "metric": "knn", "label": "k-NN", "features": ["pooler_output", "last_hidden_state"],
        "pooling": "mean", "neighbours": 3, "temperature": 0.07, "few_images": 2})";

class Evaluate : public ::testing::Test {
 protected:
  // Two shades of red and of green; one greenish picture among the red.
  void SetUp() override {
    for (const char* label : {"red", "green"})
      fs::create_directories(folder.path() / "data" / label);
    testing::write_colour(folder, "data/red/a.png", 250, 10, 10);
    testing::write_colour(folder, "data/red/b.png", 200, 0, 20);
    testing::write_colour(folder, "data/red/odd.png", 120, 220, 60);
    testing::write_colour(folder, "data/green/a.png", 0, 250, 0);
    testing::write_colour(folder, "data/green/b.png", 20, 180, 10);
  }

  Evaluation run(const std::string& outputs, const char* graph = kFeatures) {
    testing::write_model(folder, graph);
    const EvaluatorChoice choice{parse_json(outputs, "outputs"), Place{"e.yaml", 3, 5}};
    return evaluate(*rules, folder.path() / "model.onnx", find_model(folder.path().string()),
                    choice, folder.path() / "data");
  }

  Error error(const std::string& outputs, const char* graph = kFeatures) {
    try {
      run(outputs, graph);
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "no error";
    return Error(ErrorKind::kCheck, {}, "none");
  }

  std::string replaced(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
  }

  TemporaryFolder folder;
  std::shared_ptr<const RuleBook> rules = RuleBook::from_texts({});
};

TEST_F(Evaluate, NearestNeighboursOfAMap) {
  // Three votes for each picture; only the odd one is nearer to the other class.
  const Evaluation result = run(kKnn);
  EXPECT_EQ(result.images, 5u);
  EXPECT_EQ(result.correct, 4u);
  EXPECT_EQ(result.label, "k-NN (k = 3)");
  EXPECT_EQ(result.metric, "knn");
  EXPECT_EQ(result.parameters.find("neighbours")->as_int(), 3);
}

TEST_F(Evaluate, FewImagesHaveOneNeighbour) {
  const Evaluation result = run(replaced(kKnn, "\"few_images\": 2", "\"few_images\": 6"));
  EXPECT_EQ(result.label, "k-NN (k = 1)");
}

TEST_F(Evaluate, FeaturesAreTheOutputThatTheRuleNames) {
  const std::string tokens = replaced(kKnn, "\"pooler_output\"", "\"tokens\"");
  EXPECT_EQ(run(tokens).correct, 4u);
  EXPECT_EQ(run(replaced(tokens, "\"mean\"", "\"first-token\"")).correct, 4u);
}

TEST_F(Evaluate, TopOneOfAClassifier) {
  const char* top1 = R"({"evaluator": "top1", "metric": "top1", "label": "top-1"})";
  const Evaluation result = run(top1, testing::kColourGraph);
  EXPECT_EQ(result.correct, 4u);
  EXPECT_EQ(result.label, "top-1");
}

TEST_F(Evaluate, WrongParametersAreErrorsAtTheRule) {
  const struct {
    const char *from, *to, *what;
  } kCases[] = {
      {"\"knn\"", "\"knnn\"", "there is no evaluator 'knnn'"},
      {"\"knn\"", "3", "`evaluator` must be a text"},
      {"\"mean\"", "\"max\"", "`pooling` must be mean or first-token"},
      {"\"neighbours\": 3", "\"neighbours\": 0", "`neighbours` must be a number, at least 1"},
      {"\"neighbours\": 3", "\"neighbours\": \"x\"", "`neighbours` must be a number"},
      {"0.07", "0", "`temperature` must be a number"},
      {"\"label\": \"k-NN\",", "", "`label` is missing"},
      {"[\"pooler_output\", \"last_hidden_state\"]", "3", "`features` must be a list"},
  };
  for (const auto& c : kCases) {
    const Error found = error(replaced(kKnn, c.from, c.to));
    EXPECT_THAT(found.what(), HasSubstr(c.what));
    EXPECT_EQ(found.kind(), ErrorKind::kUsage) << c.what;
    EXPECT_EQ(found.place().str(), "e.yaml:3:5");
  }
}

TEST_F(Evaluate, GraphWithoutFeaturesIsAnError) {
  const std::string missing =
      replaced(kKnn, "[\"pooler_output\", \"last_hidden_state\"]", "[\"pooler_output\"]");
  const Error found = error(missing);
  EXPECT_THAT(found.what(), HasSubstr("gives no features: its outputs are last_hidden_state"));
  EXPECT_THAT(found.what(), HasSubstr("looked for in pooler_output"));
  EXPECT_EQ(found.kind(), ErrorKind::kModel);
}

TEST_F(Evaluate, OneClassIsAnError) {
  fs::remove_all(folder.path() / "data/green");
  EXPECT_THAT(error(kKnn).what(), HasSubstr("at least two classes"));
}

}  // namespace
}  // namespace switchyard
