#include "engine/output.h"

#include <gtest/gtest.h>

#include "tests/engine/book.h"

namespace switchyard {
namespace {

constexpr const char* kTables = R"(
---
knowledge: classes
rows:
  BertModel: {type: bert, tasks: {fill-mask: [a, b]}, none: null}
  "7": {type: seven}
---
knowledge: types
keys: fold
rows:
  sam2-video: {label: x}
)";

TEST(OutputTest, EveryForm) {
  const struct {
    const char* then;
    const char* facts;
    const char* outputs;
  } kCases[] = {
      {"{a: 1, b: null, c: [x, {d: 2.5}]}", "{}", R"({"a":1,"b":null,"c":["x",{"d":2.5}]})"},
      {"{a: {fact: x}}", R"({"x": [1, 2]})", R"({"a":[1,2]})"},
      {"{a: {fact: x.y}}", R"({"x": {"y": 3}})", R"({"a":3})"},
      {"{a: {fact: x}}", "{}", R"({"a":null})"},
      {"{a: {first: x}}", R"({"x": ["p", "q"]})", R"({"a":"p"})"},
      {"{a: {first: x}}", R"({"x": "p"})", R"({"a":"p"})"},
      {"{a: {first: x}}", R"({"x": []})", R"({"a":null})"},
      {"{a: {format: '{x} of {y.z}, {{braces}}'}}", R"({"x": 1, "y": {"z": ["p", "q"]}})",
       R"({"a":"1 of p, q, {braces}"})"},
      {"{a: {format: 'no {x}'}}", "{}", R"({"a":"no nothing"})"},
      {"{a: {literal: {fact: x}}}", R"({"x": 1})", R"({"a":{"fact":"x"}})"},
      {"{a: [{fact: x}, {b: {first: xs}}]}", R"({"x": 1, "xs": [2]})", R"({"a":[1,{"b":2}]})"},
      {"{a: {lookup: {table: classes, key: x, field: type}}}", R"({"x": "BertModel"})",
       R"({"a":"bert"})"},
      {"{a: {lookup: {table: classes, key: x}}}", R"({"x": "7"})", R"({"a":{"type":"seven"}})"},
      {"{a: {lookup: {table: classes, key: x, field: type}}}", R"({"x": 7})", R"({"a":"seven"})"},
      {"{a: {lookup: {table: classes, key: x, field: type}}}", R"({"x": "None"})", R"({"a":null})"},
      {"{a: {lookup: {table: classes, key: x, field: type, default: d}}}", "{}", R"({"a":"d"})"},
      {"{a: {lookup: {table: classes, key: x, field: none, default: {fact: x}}}}",
       R"({"x": "BertModel"})", R"({"a":"BertModel"})"},
      {"{a: {lookup: {table: classes, key: {literal: BertModel}, field: [tasks, '{t}', '1']}}}",
       R"({"t": "fill-mask"})", R"({"a":"b"})"},
      {"{a: {lookup: {table: classes, key: {format: '{x}Model'}, field: type}}}",
       R"({"x": "Bert"})", R"({"a":"bert"})"},
      {"{a: {lookup: {table: types, key: x, field: label}}}", R"({"x": "SAM2_Video"})",
       R"({"a":"x"})"},
  };
  for (const auto& [then, facts, expected] : kCases) {
    const auto book =
        book_of("decision: d\nrules:\n  - {id: r, then: " + std::string(then) + "}\n" + kTables);
    EXPECT_EQ(outputs(*book, facts), expected) << then;
  }
}

TEST(OutputTest, Warnings) {
  const auto book = book_of(R"(
decision: d
rules:
  - id: r
    then: {a: 1}
    warn:
      - always
      - {when: {xs: {longer_than: 1}}, text: "several: {xs}"}
)");
  EXPECT_EQ(book->decide("d", facts_of(R"({"xs": [1]})"))->warnings,
            std::vector<std::string>{"always"});
  EXPECT_EQ(book->decide("d", facts_of(R"({"xs": ["a", "b"]})"))->warnings,
            (std::vector<std::string>{"always", "several: a, b"}));
}

TEST(OutputTest, LiteralOutputsAreShared) {
  const auto book = book_of("decision: d\nrules:\n  - {id: r, then: {a: [1, 2]}}\n");
  const auto first = book->decide("d", Facts()), second = book->decide("d", Facts());
  EXPECT_EQ(&first->outputs.as_map(), &second->outputs.as_map());
}

}  // namespace
}  // namespace switchyard
