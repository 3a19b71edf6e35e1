#include "engine/condition.h"

#include <gtest/gtest.h>

#include "tests/engine/book.h"

namespace switchyard {
namespace {

struct Case {
  const char* when;
  const char* facts;
  bool holds;
};

constexpr Case kCases[] = {
    // equality
    {"{x: a}", R"({"x": "a"})", true},
    {"{x: a}", R"({"x": "b"})", false},
    {"{x: a}", R"({"x": ["a"]})", false},
    {"{x: a}", R"({})", false},
    {"{x: 1}", R"({"x": 1.0})", true},
    {"{x: 1}", R"({"x": "1"})", false},
    {"{x: '1'}", R"({"x": "1"})", true},
    {"{x: true}", R"({"x": true})", true},
    {"{x: true}", R"({"x": 1})", false},
    {"{x: yes}", R"({"x": "yes"})", true},
    {"{x: {eq: [a, 1]}}", R"({"x": ["a", 1]})", true},
    {"{x: {eq: [a, 1]}}", R"({"x": ["a"]})", false},
    {"{x: {eq: {a: 1}}}", R"({"x": {"a": 1}})", true},
    {"{x: {eq: absent}}", R"({"x": "absent"})", true},
    {"{x: {eq: absent}}", R"({})", false},
    {"{x: .nan}", R"({"x": NaN})", true},
    // null is null or not set
    {"{x: null}", R"({})", true},
    {"{x: null}", R"({"x": null})", true},
    {"{x: null}", R"({"x": ""})", false},
    {"{x: {eq: null}}", R"({})", true},
    {"{x: {ne: null}}", R"({})", false},
    {"{x: {ne: null}}", R"({"x": 0})", true},
    {"{x: {ne: a}}", R"({})", true},
    {"{x: {ne: a}}", R"({"x": "a"})", false},
    // absent and present
    {"{x: absent}", R"({})", true},
    {"{x: absent}", R"({"x": null})", true},
    {"{x: absent}", R"({"x": ""})", true},
    {"{x: absent}", R"({"x": []})", true},
    {"{x: absent}", R"({"x": {}})", true},
    {"{x: absent}", R"({"x": 0})", false},
    {"{x: absent}", R"({"x": false})", false},
    {"{x: absent}", R"({"x": ["a"]})", false},
    {"{x: present}", R"({"x": ["a"]})", true},
    {"{x: present}", R"({"x": false})", true},
    {"{x: present}", R"({"x": ""})", false},
    {"{x: {not: present}}", R"({"x": []})", true},
    // any of
    {"{x: [a, b]}", R"({"x": "b"})", true},
    {"{x: [a, b]}", R"({"x": "c"})", false},
    {"{x: [a, null]}", R"({})", true},
    {"{x: [a, absent]}", R"({"x": []})", true},
    {"{x: [a, {matches: 'b.*'}]}", R"({"x": "bcd"})", true},
    {"{x: [a, {matches: 'b.*'}]}", R"({"x": "cd"})", false},
    {"{x: []}", R"({"x": "a"})", false},
    {"{x: {in: [a, [1]]}}", R"({"x": [1]})", true},
    {"{x: {in: [absent]}}", R"({"x": "absent"})", true},
    {"{x: {in: {fact: xs}}}", R"({"x": 2, "xs": [1, 2]})", true},
    {"{x: {in: {fact: xs}}}", R"({"x": 3, "xs": [1, 2]})", false},
    {"{x: {in: {fact: xs}}}", R"({"x": 3})", false},
    // text
    {"{x: {matches: 'Bert.*'}}", R"({"x": "BertModel"})", true},
    {"{x: {matches: Bert}}", R"({"x": "BertModel"})", false},
    {"{x: {matches: '.*Model'}}", R"({"x": ["BertModel"]})", false},
    {"{x: {iequals: A/b-C}}", R"({"x": " a/B-c\n"})", true},
    {"{x: {iequals: a}}", R"({"x": "b"})", false},
    {"{x: {iequals: a}}", R"({})", false},
    {"{x: {folds_to: sam2_video}}", R"({"x": "Sam2-Video"})", true},
    {"{x: {folds_to: sam2-video}}", R"({"x": "sam2_video"})", true},
    {"{x: {folds_to: sam2}}", R"({"x": "sam2_video"})", false},
    {"{x: {folds_to: {fact: y}}}", R"({"x": "A-b", "y": "a_B"})", true},
    {"{x: {starts_with: ab}}", R"({"x": "abc"})", true},
    {"{x: {starts_with: ab}}", R"({"x": "cab"})", false},
    {"{x: {ends_with: ab}}", R"({"x": "cab"})", true},
    {"{x: {ends_with: ab}}", R"({"x": 3})", false},
    {"{x: {contains: b}}", R"({"x": "abc"})", true},
    {"{x: {contains: b}}", R"({"x": ["a", "b"]})", true},
    {"{x: {contains: 1}}", R"({"x": [1.0]})", true},
    {"{x: {contains: b}}", R"({"x": {"b": 0}})", true},
    {"{x: {contains: b}}", R"({"x": ["bb"]})", false},
    {"{x: {contains: 1}}", R"({"x": "1"})", false},
    {"{x: {some: {ends_with: Model}}}", R"({"x": ["A", "BModel"]})", true},
    {"{x: {some: {ends_with: Model}}}", R"({"x": "BModel"})", false},
    // numbers and lengths
    {"{x: {lt: 2}}", R"({"x": 1.5})", true},
    {"{x: {lt: 2}}", R"({"x": 2})", false},
    {"{x: {le: 2}}", R"({"x": 2})", true},
    {"{x: {gt: 2}}", R"({"x": 3})", true},
    {"{x: {ge: 2, lt: 4}}", R"({"x": 3})", true},
    {"{x: {ge: 2, lt: 4}}", R"({"x": 4})", false},
    {"{x: {gt: 2}}", R"({"x": "3"})", false},
    {"{x: {gt: 2}}", R"({})", false},
    {"{x: {gt: {fact: y}}}", R"({"x": 3, "y": 2})", true},
    {"{x: {longer_than: 1}}", R"({"x": ["a", "b"]})", true},
    {"{x: {longer_than: 1}}", R"({"x": {"a": 1}})", false},
    {"{x: {longer_than: 0}}", R"({"x": "a"})", true},
    {"{x: {longer_than: 0}}", R"({"x": 5})", false},
    {"{x: {shorter_than: 1}}", R"({"x": []})", true},
    {"{x: {shorter_than: 1}}", R"({})", false},
    // facts and combinators
    {"{x: {fact: y}}", R"({"x": 1, "y": 1})", true},
    {"{x: {fact: y}}", R"({"x": 1, "y": 2})", false},
    {"{x: {fact: y}}", R"({})", true},
    {"{x: {not: [a, b]}}", R"({"x": "c"})", true},
    {"{x: {not: [a, b]}}", R"({"x": "a"})", false},
    {"{x: {not: {matches: 'a.*'}}}", R"({"x": "ab"})", false},
    {"{x: {any: [a, {gt: 3}]}}", R"({"x": 4})", true},
    {"{x: {all: [{gt: 3}, {lt: 5}]}}", R"({"x": 6})", false},
    {"{any: [{x: 1}, {y: 2}]}", R"({"y": 2})", true},
    {"{any: [{x: 1}, {y: 2}]}", R"({"y": 1})", false},
    {"{any: []}", R"({})", false},
    {"{all: [{x: 1}, {y: 2}]}", R"({"x": 1, "y": 2})", true},
    {"{all: [{x: 1}, {y: 2}]}", R"({"x": 1})", false},
    {"{not: {x: 1, y: 2}}", R"({"x": 1, "y": 3})", true},
    {"{not: {x: 1, y: 2}}", R"({"x": 1, "y": 2})", false},
    {"{x: 1, y: 2}", R"({"x": 1, "y": 2})", true},
    {"{x: 1, y: 2}", R"({"x": 1})", false},
    {"{}", R"({})", true},
    // paths
    {"{config.a.b: 1}", R"({"config": {"a": {"b": 1}}})", true},
    {"{config.a.0: 1}", R"({"config": {"a": [1]}})", true},
    {"{config.a: 1}", R"({"config": {"a": 2}, "config.a": 1})", true},
    {"{config.a.b: absent}", R"({"config": {"a": 2}})", true},
};

TEST(ConditionTest, EveryForm) {
  for (const auto& [when, facts, expected] : kCases) {
    const Conjunction conditions = parse_conditions(parse_yaml(when, "t.yaml"), {});
    EXPECT_EQ(holds(conditions, facts_of(facts)), expected) << when << "  " << facts;
    // And the same through a table, where equality columns are indexed among other rules.
    std::string table = "decision: d\nrules:\n";
    for (int i = 0; i < 8; ++i) {
      table += "  - {id: other-" + std::to_string(i) + ", when: {x: other" + std::to_string(i) +
               "}, then: {r: 0}}\n";
    }
    table += "  - {id: it, when: " + std::string(when) + ", then: {r: 1}}\n";
    EXPECT_EQ(outputs(*book_of(table), facts), expected ? R"({"r":1})" : "nothing")
        << when << "  " << facts;
  }
}

TEST(ConditionTest, SaysWhyItFailed) {
  const struct {
    const char* when;
    const char* facts;
    const char* failed;
  } kFailures[] = {
      {"{architectures: absent}", R"({"architectures": ["BertModel"]})",
       "architectures: absent (is [\"BertModel\"])"},
      {"{x: 1, y: [a, null]}", R"({"x": 1, "y": "b"})", "y: [a, null] (is \"b\")"},
      {"{x: {matches: 'a.*'}}", "{}", "x: {matches: \"a.*\"} (is not set)"},
      {"{any: [{x: 1}, {y: 2}]}", "{}", "any: [{x: 1}, {y: 2}] (x is not set, y is not set)"},
      {"{not: {x: 1, y: {fact: z}}}", R"({"x": 1, "y": 2, "z": 2})",
       "not: {x: 1, y: {fact: z}} (x is 1, y is 2, z is 2)"},
      {"{x: {gt: {fact: y.n}}}", R"({"x": 1, "y": {"n": 3}})",
       "x: {gt: {fact: y.n}} (is 1, y.n is 3)"},
  };
  for (const auto& [when, facts, failed] : kFailures) {
    const auto book = book_of("decision: d\nrules:\n  - {id: r, when: " + std::string(when) +
                              ", then: {r: 1}}\n");
    Explanation explanation;
    EXPECT_FALSE(book->decide("d", facts_of(facts), &explanation));
    ASSERT_EQ(explanation.rules.size(), 1u);
    EXPECT_FALSE(explanation.rules[0].held);
    EXPECT_EQ(explanation.rules[0].failed_condition, failed);
    EXPECT_EQ(explanation.rules[0].rule.id, "r");
  }
}

}  // namespace
}  // namespace switchyard
