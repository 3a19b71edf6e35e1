#include "engine/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/facts.h"

namespace switchyard {
namespace {

TEST(MapTest, KeepsOrderAndLastOfDuplicatesWins) {
  Map map{{"b", 1}, {"a", 2}, {"b", 3}};
  EXPECT_EQ(Value(map).to_json(), R"({"b":3,"a":2})");
  map.erase("b");
  map.erase("nobody");
  EXPECT_EQ(Value(map).to_json(), R"({"a":2})");
}

TEST(MapTest, BehavesTheSameSmallAndHashed) {
  for (const int size : {3, 15, 16, 17, 64, 5000}) {
    Map map;
    for (int i = 0; i < size; ++i) map.set(std::to_string(i), i);
    for (int i = 0; i < size; i += 2) map.set(std::to_string(i), -i);
    ASSERT_EQ(map.size(), static_cast<std::size_t>(size));
    for (int i = 0; i < size; ++i) {
      ASSERT_NE(map.find(std::to_string(i)), nullptr) << size;
      EXPECT_EQ(*map.find(std::to_string(i)), Value(i % 2 == 0 ? -i : i));
    }
    map.erase("1");
    EXPECT_EQ(map.find("1"), nullptr);
    ASSERT_NE(map.find("2"), nullptr);
    EXPECT_EQ(map.find("none"), nullptr);
    EXPECT_EQ(map.begin()->first, "0");
  }
}

TEST(MapTest, EqualityIgnoresOrder) {
  EXPECT_EQ((Map{{"a", 1}, {"b", 2}}), (Map{{"b", 2}, {"a", 1}}));
  EXPECT_FALSE((Map{{"a", 1}}) == (Map{{"a", 1}, {"b", 2}}));
  EXPECT_FALSE((Map{{"a", 1}}) == (Map{{"b", 1}}));
}

TEST(ValueTest, NumbersCompareByValue) {
  EXPECT_EQ(Value(1), Value(1.0));
  EXPECT_FALSE(Value(1) == Value(1.5));
  EXPECT_FALSE(Value(1) == Value("1"));
  EXPECT_FALSE(Value(1) == Value(true));
  EXPECT_FALSE(Value() == Value(false));
  EXPECT_EQ(Value(std::nan("")), Value(std::nan("")));
  EXPECT_EQ(Value(List{1, 2.0}), Value(List{1.0, 2}));
}

TEST(ValueTest, WritesJson) {
  const struct {
    Value value;
    const char* json;
  } kCases[] = {
      {Value(), "null"},
      {true, "true"},
      {-7, "-7"},
      {std::numeric_limits<std::int64_t>::min(), "-9223372036854775808"},
      {0.1, "0.1"},
      {1.0, "1.0"},
      {1e300, "1e+300"},
      {1e-12, "1e-12"},
      {std::nan(""), "NaN"},
      {std::numeric_limits<double>::infinity(), "Infinity"},
      {-std::numeric_limits<double>::infinity(), "-Infinity"},
      {"a\"b\\c\n\x01", "\"a\\\"b\\\\c\\n\\u0001\""},
      {"h\xc3\xa9", "\"h\xc3\xa9\""},
      {"bad \xff\xc3", "\"bad \\ufffd\\ufffd\""},
      {List{}, "[]"},
      {Map{}, "{}"},
      {Map{{"a", List{1, Map{}}}}, "{\"a\":[1,{}]}"},
  };
  for (const auto& [value, json] : kCases) EXPECT_EQ(value.to_json(), json);
  EXPECT_EQ(Value(Map{{"a", List{1, 2}}, {"b", List{}}}).to_json(2),
            "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": []\n}");
}

TEST(ValueTest, WalksDottedPaths) {
  const Value value(Map{{"a", Map{{"b", List{10, Map{{"c", "x"}}}}}}});
  ASSERT_NE(value.find_path("a.b.0"), nullptr);
  EXPECT_EQ(*value.find_path("a.b.0"), Value(10));
  EXPECT_EQ(*value.find_path("a.b.1.c"), Value("x"));
  EXPECT_EQ(value.find_path("a.b.2"), nullptr);
  EXPECT_EQ(value.find_path("a.b.-1"), nullptr);
  EXPECT_EQ(value.find_path("a.b.x"), nullptr);
  EXPECT_EQ(value.find_path("a.x"), nullptr);
  EXPECT_EQ(value.find_path("a.b.0.c"), nullptr);
}

TEST(FactsTest, LongestNameWins) {
  Facts facts;
  facts.set("config", Map{{"vision", Map{{"size", 224}}}, {"tasks", "inner"}});
  facts.set("config.tasks", "outer");
  ASSERT_NE(facts.find("config.vision.size"), nullptr);
  EXPECT_EQ(*facts.find("config.vision.size"), Value(224));
  EXPECT_EQ(*facts.find("config.tasks"), Value("outer"));
  EXPECT_EQ(facts.find("config.tasks.more"), nullptr);
  EXPECT_EQ(facts.find("never-set"), nullptr);
  facts.erase("config.tasks");
  EXPECT_EQ(*facts.find("config.tasks"), Value("inner"));
}

TEST(FactsTest, NullIsSet) {
  Facts facts;
  facts.set("task", Value());
  ASSERT_NE(facts.find("task"), nullptr);
  EXPECT_TRUE(facts.find("task")->is_null());
  EXPECT_EQ(facts.all().size(), 1u);
  EXPECT_EQ(fact_name(fact_id("task")), "task");
  EXPECT_EQ(fact_id("task"), fact_id(std::string("task")));
}

}  // namespace
}  // namespace switchyard
