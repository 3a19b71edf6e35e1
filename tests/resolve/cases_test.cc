// The truth table of the resolution, through the lines of `inspect --jsonl`.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/json.h"
#include "stages/resolve/resolve.h"
#include "tests/resolve/support.h"

namespace switchyard {
namespace {

constexpr std::string_view kFields[] = {"task",    "optimum_task", "model_class", "source",
                                        "library", "composite",    "model_type",  "onnx_config"};

// What a case says beside the fields that a short form leaves out: optimum_task is the task where
// it is not given, and composite null.
Value expected(const Value& expect, std::string_view field) {
  if (const Value* value = expect.find(field)) return *value;
  if (field == "optimum_task") return *expect.find("task");
  return {};
}

bool is_checked(const Value& expect, std::string_view field) {
  return expect.find(field) != nullptr || (field != "model_type" && field != "onnx_config");
}

std::vector<std::string> wrong_answers(const RuleBook& rules, const std::filesystem::path& file) {
  std::vector<std::string> wrong;
  std::size_t number = 0;
  for (const Value& request : json_lines(file)) {
    ++number;
    const Value answer = parse_json(answer_json_line(rules, request.to_json(), number), "answer");
    const std::string id = request.find("id")->as_string();
    EXPECT_EQ(answer.find("id")->to_json(), request.find("id")->to_json());
    const Value& expect = *request.find("expect");
    const Value* error = expect.find("error");
    const bool should_fail = error != nullptr && error->as_bool();
    if (should_fail != !answer.find("error")->is_null()) {
      wrong.push_back(id + ": " + answer.to_json());
      continue;
    }
    if (should_fail) continue;
    for (const std::string_view field : kFields) {
      if (!is_checked(expect, field)) continue;
      const Value want = expected(expect, field);
      if (*answer.find(field) == want) continue;
      wrong.push_back(id + ": " + std::string(field) + ": expected " + want.to_json() + ", is " +
                      answer.find(field)->to_json());
    }
  }
  EXPECT_GT(number, 100u) << file;
  return wrong;
}

TEST(Cases, SampleOfTheTruthTable) {
  const auto file = source_directory() / "tests/data/resolution_sample.jsonl";
  EXPECT_EQ(wrong_answers(shipped_rules(), file), std::vector<std::string>());
  EXPECT_EQ(wrong_answers(rules_of_the_tree(), file), std::vector<std::string>());
}

TEST(Cases, WholeTruthTable) {
  const auto file = source_directory() / "../shared/cases/resolution.jsonl";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is not here";
  EXPECT_EQ(wrong_answers(shipped_rules(), file), std::vector<std::string>());
}

// Real configs, some of them odd: each gets an answer or an error, never both or neither.
TEST(Cases, EveryConfigOfTheCorpusIsAnswered) {
  const auto file = source_directory() / "../shared/corpus/configs.jsonl";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is not here";
  std::size_t answered = 0, number = 0;
  for (const Value& line : json_lines(file)) {
    ++number;
    for (const bool with_id : {true, false}) {
      Map request{{"id", *line.find("id")}, {"config", *line.find("config")}};
      if (with_id) request.set("model_id", *line.find("id"));
      const Value answer = parse_json(
          answer_json_line(shipped_rules(), Value(std::move(request)).to_json(), number), "answer");
      EXPECT_NE(answer.find("error")->is_null(), answer.find("task")->is_null());
      if (answer.find("error")->is_null()) ++answered;
    }
  }
  EXPECT_GT(answered, number);
}

}  // namespace
}  // namespace switchyard
