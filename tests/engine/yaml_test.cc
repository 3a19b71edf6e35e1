#include "engine/yaml.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

TEST(YamlTest, TypesPlainScalars) {
  const struct {
    const char* text;
    const char* json;
  } kCases[] = {
      {"", "null"},
      {"~", "null"},
      {"null", "null"},
      {"'null'", "\"null\""},
      {"true", "true"},
      {"False", "false"},
      {"yes", "\"yes\""},
      {"no", "\"no\""},
      {"on", "\"on\""},
      {"off", "\"off\""},
      {"12", "12"},
      {"-3", "-3"},
      {"+4", "4"},
      {"0x1F", "31"},
      {"0o17", "15"},
      {"012", "12"},
      {"1.5", "1.5"},
      {"-.5", "-0.5"},
      {"1e-12", "1e-12"},
      {"2.", "2.0"},
      {".inf", "Infinity"},
      {"-.inf", "-Infinity"},
      {".nan", "NaN"},
      {"1_000", "\"1_000\""},
      {"1.2.3", "\"1.2.3\""},
      {"-", "[null]"},
      {"- ", "[null]"},
      {"\"12\"", "\"12\""},
      {"'1.5'", "\"1.5\""},
      {"1e999", "Infinity"},
      {"99999999999999999999", "1e+20"},
      {"0x", "\"0x\""},
      {".", "\".\""},
      {"e5", "\"e5\""},
      {"2021-01-01", "\"2021-01-01\""},
      {"!!str 12", "\"12\""},
      {"|\n  a\n  b\n", "\"a\\nb\\n\""},
      {">\n  a\n  b\n", "\"a b\\n\""},
      {"[a, 1, {b: null}]", "[\"a\",1,{\"b\":null}]"},
      {"a: &x [1, 2]\nb: *x\n", "{\"a\":[1,2],\"b\":[1,2]}"},
      {"# only a comment\n", "null"},
      {"---\na: 1\n...\n", "{\"a\":1}"},
      {"true: 1\n3: 2\n", "{\"true\":1,\"3\":2}"},
  };
  for (const auto& [text, json] : kCases) {
    EXPECT_EQ(parse_yaml(text, "f.yaml").value().to_json(), json) << text;
  }
}

TEST(YamlTest, KnowsPlaces) {
  const YamlNode root = parse_yaml("# c\nrules:\n  - id: a\n    when: {x: [1, 'q']}\n", "f.yaml");
  EXPECT_EQ(root.place().str(), "f.yaml:2:1");
  const YamlNode& rule = root.find("rules")->items().at(0);
  EXPECT_EQ(rule.place().str(), "f.yaml:3:5");
  EXPECT_EQ(rule.entries().at(1).key_place().str(), "f.yaml:4:5");
  const YamlNode* list = rule.find("when")->find("x");
  EXPECT_EQ(list->place().str(), "f.yaml:4:15");
  EXPECT_EQ(list->items().at(1).place().str(), "f.yaml:4:19");
  EXPECT_TRUE(list->items().at(1).is_quoted());
  EXPECT_FALSE(list->items().at(0).is_quoted());
  EXPECT_EQ(parse_yaml("a: 1", "f.yaml", 41).place().str(), "f.yaml:41:1");
}

TEST(YamlTest, RefusesWithPlaceAndOwnWords) {
  std::string deep;
  deep.append(120, '[').append(120, ']');
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    bomb += 'a' + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) bomb += (k > 0 ? ", *a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  const struct {
    std::string text;
    const char* start;
  } kCases[] = {
      {"a: 1\na: 2\n", "f.yaml:2:1: the key \"a\" is given twice in one map"},
      {"a: {b: 1, b: 2}\n", "f.yaml:1:11: the key \"b\" is given twice"},
      {deep, "f.yaml:1:101: nests deeper than 100 levels"},
      {std::string(100'000, '['), "f.yaml:1:"},
      {bomb, "f.yaml:7:10: holds more than 2000000 nodes"},
      {"a: &x [*x]\n", "f.yaml:1:8: an alias to the node that it stands in"},
      {"a: *nobody\n", "f.yaml:1:"},
      {"a: !!binary abc\n", "f.yaml:1:4: the tag tag:yaml.org,2002:binary is not supported"},
      {"<<: 1\n", "f.yaml:1:1: the merge key << is not supported"},
      {"[a, b]: 1\n", "f.yaml:1:1: a key that is a list or a map"},
      {"~: 1\n", "f.yaml:1:1: a key is missing, or null"},
      {"a: [1, 2\n", "f.yaml:2:1: is not valid YAML: a list in brackets that is not closed"},
      {"a: 'open\nb: 2\n", "f.yaml:1:4: a quoted string that is not closed"},
      {"a: \"open\\\"\n", "f.yaml:1:4: a quoted string that is not closed"},
      {"a: 'open", "f.yaml:1:9: is not valid YAML: a quoted string that is not closed"},
      {"a: b: c\n", "f.yaml:1:5: is not valid YAML"},
      {"a:\n\t- 1\n", "f.yaml:2:2: is not valid YAML"},
      {"a: 1\n---\nb: 2\n", "f.yaml:3:1: a second document"},
      {"a: \xff\n", "f.yaml:1: holds a byte that is no UTF-8"},
      {std::string("a: \0", 4), "f.yaml:1: holds a byte that is no UTF-8"},
  };
  for (const auto& [text, start] : kCases) {
    try {
      parse_yaml(text, "f.yaml");
      ADD_FAILURE() << text.substr(0, 80) << " was read";
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).substr(0, std::string(start).size()), start);
      EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    }
  }
  EXPECT_THROW(parse_yaml(std::string((16u << 20) + 1, ' '), "f.yaml"), Error);
}

}  // namespace
}  // namespace switchyard
