#include "engine/json.h"

#include <gtest/gtest.h>

#include <ctime>
#include <cmath>

#include "engine/error.h"

namespace switchyard {
namespace {

TEST(JsonTest, ReadsWhatRealFilesCarry) {
  const struct {
    const char* text;
    const char* json;
  } kCases[] = {
      {"null", "null"},
      {" [1, -2, 3.5, true, false] ", "[1,-2,3.5,true,false]"},
      {"\xef\xbb\xbf{\"a\": 1}", R"({"a":1})"},
      {"{\r\n  \"a\": 1\r\n}\r\n", R"({"a":1})"},
      {"{\"a\": NaN, \"b\": Infinity,\"c\":-Infinity}", R"({"a":NaN,"b":Infinity,"c":-Infinity})"},
      {"[NaN,NaN,0,0 ,NaN]", "[NaN,NaN,0,0,NaN]"},
      {"NaN", "NaN"},
      {"{\"NaN\": \"NaN, Infinity\", \"x\\\"\": NaN}", R"({"NaN":"NaN, Infinity","x\"":NaN})"},
      {"\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\""},
      {"\"a\\ud83d\"", "\"a\xef\xbf\xbd\""},
      {"\"\\uDE00b\\\\ud83d\"",
       "\"\xef\xbf\xbd"
       "b\\\\ud83d\""},
      {"9223372036854775807", "9223372036854775807"},
      {"9223372036854775808", "9223372036854775808.0"},
      {"1000000000000000019884624838656", "1e+30"},
      {"1e0", "1.0"},
      {"{\"a\": 1, \"b\": 2, \"a\": 3}", R"({"a":3,"b":2})"},
  };
  for (const auto& [text, json] : kCases) {
    EXPECT_EQ(parse_json(text, "config.json").to_json(), json) << text;
  }
}

TEST(JsonTest, NamesThePlaceOfAFault) {
  const struct {
    std::string text;
    const char* what;
  } kCases[] = {
      {"", "c.json:1:1: is empty where JSON was expected."},
      {" \n ", "c.json:2:2: is empty where JSON was expected."},
      {"{\n  \"a\": 1,\n  b: 2\n}", "c.json:3:3: is not valid JSON: unexpected 'b'."},
      {"{\"a\": 1", "c.json:1:8: is not valid JSON: it ends too early."},
      {"[1, 2,]", "c.json:1:7: is not valid JSON: unexpected ']'."},
      {"{\"a\": nan}", "c.json:1:8: is not valid JSON: unexpected 'a'."},
      {"[1] 2", "c.json:1:5: is not valid JSON: unexpected '2'."},
      {"[\"a\nb\"]", "c.json:1:4: is not valid JSON: an unexpected line end or control character."},
      {"[\"\xff\"]", "c.json:1:3: is not valid JSON: a byte that is no UTF-8."},
      {"[1, 1e999]", "c.json:1:9: holds a number that is too large."},
      {"version https://git-lfs", "c.json:1:1: is not valid JSON: unexpected 'v'."},
      {std::string(300, '['), "c.json:1:201: nests deeper than 200 levels."},
  };
  for (const auto& [text, what] : kCases) {
    try {
      parse_json(text, "c.json");
      ADD_FAILURE() << text << " was read";
    } catch (const Error& error) {
      EXPECT_STREQ(error.what(), what) << text;
      EXPECT_EQ(error.kind(), ErrorKind::kModel);
    }
  }
}

TEST(JsonTest, DepthLimitIsExact) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_NO_THROW(parse_json(nested(200), "c.json"));
  EXPECT_THROW(parse_json(nested(201), "c.json"), Error);
}

TEST(JsonTest, LargeLabelMapsStayFast) {
  std::string text = "{\"id2label\": {";
  for (int i = 0; i < 200'000; ++i) {
    text += (i > 0 ? ", \"" : "\"") + std::to_string(i) + "\": \"label\"";
  }
  text += "}}";
  const std::clock_t start = std::clock();  // of this process, however busy the machine is
  const Value value = parse_json(text, "config.json");
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  EXPECT_EQ(value.find("id2label")->as_map().size(), 200'000u);
  EXPECT_LT(seconds, 15.0);  // quadratic would take minutes
}

TEST(JsonTest, RoundTrips) {
  const char* kText = R"({"a":[1,2.5,"x",null,true,{"b":-0.0}],"c":{"d":1e-05}})";
  const Value value = parse_json(kText, "config.json");
  EXPECT_EQ(parse_json(value.to_json(), "again"), value);
  EXPECT_EQ(parse_json(value.to_json(2), "again"), value);
}

}  // namespace
}  // namespace switchyard
