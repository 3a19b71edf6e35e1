// Answers to lines, whatever the lines are.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/json.h"
#include "stages/resolve/resolve.h"
#include "tests/resolve/support.h"

namespace switchyard {
namespace {

Value answer(const std::string& line, std::size_t number = 1) {
  const std::string text = answer_json_line(shipped_rules(), line, number);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  return parse_json(text, "answer");
}

std::vector<std::string> keys(const Value& map) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : map.as_map()) keys.push_back(key);
  return keys;
}

TEST(JsonLines, AnswerHasTheKeysOfTheContract) {
  const std::vector<std::string> contract = {
      "id",        "task",       "optimum_task", "model_class", "source",   "library",
      "composite", "model_type", "onnx_config",  "recipe",      "warnings", "error"};
  const Value good = answer(R"({"id": "a", "config": {"model_type": "bert"}})");
  EXPECT_EQ(keys(good), contract);
  EXPECT_EQ(good.find("id")->as_string(), "a");
  EXPECT_TRUE(good.find("warnings")->is_list());
  EXPECT_TRUE(good.find("error")->is_null());
  const Value bad = answer(R"({"id": [1, {"b": 2}], "config": {"model_type": "nothing"}})");
  EXPECT_EQ(keys(bad), contract);
  EXPECT_EQ(bad.find("id")->to_json(), json(R"([1, {"b": 2}])").to_json());
  EXPECT_TRUE(bad.find("error")->is_string());
  for (const char* key : {"task", "model_class", "warnings", "library"}) {
    EXPECT_TRUE(bad.find(key)->is_null()) << key;
  }
}

TEST(JsonLines, UnparsableLineSaysItsNumber) {
  for (const char* line : {"{", "", "[1]", "null", "{\"id\": 1,}", "\xff", "7"}) {
    const Value value = answer(line, 42);
    EXPECT_TRUE(value.find("id")->is_null()) << line;
    EXPECT_NE(value.find("error")->as_string().find("line 42"), std::string::npos) << line;
  }
}

TEST(JsonLines, BareNumbersOfPythonAreRead) {
  const Value value = answer(
      R"({"id": 1, "config": {"model_type": "bert", "a": NaN, "b": -Infinity, "c": Infinity}})");
  EXPECT_EQ(value.find("task")->as_string(), "feature-extraction");
}

// Values of the wrong kind: an answer or an error, never a crash.
TEST(JsonLines, OddTypes) {
  const std::vector<std::string> values = {"null",
                                           "1",
                                           "1.5",
                                           "true",
                                           "\"\"",
                                           "\"x\"",
                                           "[]",
                                           "[1]",
                                           "[null]",
                                           "[[\"BertModel\"]]",
                                           "{}",
                                           "{\"a\": 1}",
                                           "\"BertModel\"",
                                           "[\"BertModel\", 7]"};
  std::size_t answered = 0;
  for (const std::string& value : values) {
    for (const std::string& line :
         {R"({"id": 1, "config": )" + value + "}",
          R"({"id": 1, "config": {"model_type": )" + value + "}}",
          R"({"id": 1, "config": {"model_type": "bert", "architectures": )" + value + "}}",
          R"({"id": 1, "config": {"model_type": "bert"}, "model_id": )" + value + "}",
          R"({"id": 1, "config": {"model_type": "bert"}, "options": )" + value + "}",
          R"({"id": 1, "config": {"model_type": "bert"}, "options": {"task": )" + value + "}}",
          R"({"id": 1, "config": {"model_type": "bert"}, "options": {"model_type": )" + value +
              "}}",
          R"({"id": 1, "config": {"model_type": "bert"}, "options": {"model_class": )" + value +
              "}}",
          R"({"id": 1, "config": {"model_type": "bert"}, "options": {"library": )" + value + "}}",
          R"({"id": 1, "config": {"model_type": "bert"}, "hub": )" + value + "}",
          R"({"id": 1, "config": {"model_type": "bert"}, "hub": {"pipeline_tag": )" + value + "}}",
          R"({"id": 1, "config": {"model_type": "clip", "text_config": )" + value + "}}",
          R"({"id": 1, "config": {"model_type": "bart", "is_encoder_decoder": )" + value + "}}",
          R"({"id": 1, "config": {"architecture": "resnet18", "pretrained_cfg": )" + value + "}}",
          R"({"id": 1, "config": {"pretrained_cfg": {"a": 1}, "architecture": )" + value + "}}",
          R"({"id": 1, "config": {"_name_or_path": )" + value + "}}"}) {
      SCOPED_TRACE(line);
      const Value out = answer(line);
      EXPECT_EQ(out.find("id")->as_int(), 1);
      EXPECT_NE(out.find("error")->is_null(), out.find("task")->is_null());
      if (out.find("error")->is_null()) ++answered;
      EXPECT_NO_FATAL_FAILURE(error_of(shipped_rules(), line));
    }
  }
  EXPECT_GT(answered, 50u);
}

TEST(JsonLines, EmptyNames) {
  EXPECT_NE(
      error_of(shipped_rules(), R"({"config": {"model_type": "bert"}, "options": {"task": ""}})"),
      "");
  EXPECT_NE(error_of(shipped_rules(), R"({"options": {"model_type": ""}})"), "");
  EXPECT_NE(error_of(shipped_rules(), R"({"options": {"model_class": ""}})"), "");
  EXPECT_NE(error_of(shipped_rules(), "{}"), "");
  EXPECT_EQ(resolve_json(shipped_rules(), R"({"config": {"pretrained_cfg": {}}})").library, "timm");
}

TEST(JsonLines, ErrorsSayTheMend) {
  EXPECT_NE(error_of(shipped_rules(), R"({"config": {"model_type": "brt"}})").find("bert"),
            std::string::npos);
  EXPECT_NE(error_of(shipped_rules(), R"({"options": {"model_class": "BertForMaskLM"}})")
                .find("BertForMaskedLM"),
            std::string::npos);
  EXPECT_NE(error_of(shipped_rules(),
                     R"({"config": {"model_type": "mine", "auto_map": {"AutoConfig": "a.B"}}})")
                .find("auto_map"),
            std::string::npos);
}

}  // namespace
}  // namespace switchyard
