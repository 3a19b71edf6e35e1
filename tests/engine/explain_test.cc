// Explanations: how each rule fared, and which facts were looked at.
#include <gtest/gtest.h>

#include "tests/engine/book.h"

namespace switchyard {
namespace {

// "x=1 y=- ": the facts that were read, in order; - for what is not set.
std::string facts_text(const Explanation& explanation) {
  std::string text;
  for (const FactRead& fact : explanation.facts) {
    text += fact.path + "=" + (fact.value ? fact.value->to_json() : "-") + " ";
  }
  return text;
}

// "a:won b:outranked c:failed ": every rule, best first.
std::string rules_text(const Explanation& explanation) {
  std::string text;
  for (const Considered& rule : explanation.rules) {
    text += std::string(rule.rule.id) + (rule.won    ? ":won "
                                         : rule.held ? ":outranked "
                                                     : ":failed ");
    EXPECT_EQ(rule.held, rule.failed_condition.empty());
    EXPECT_EQ(rule.held, rule.conditions == rule.conditions_held);
  }
  return text;
}

Explanation explain(const RuleBook& book, const char* facts) {
  Explanation explanation;
  book.decide("d", facts_of(facts), &explanation);
  return explanation;
}

constexpr const char* kTable = R"(decision: d
rules:
  - {id: high, priority: 9, when: {a: 1, b: 2, c: absent}, then: {r: 1}}
  - {id: mid, priority: 5, when: {a: 1}, then: {r: 2}}
  - {id: low, priority: 1, when: {e: [5, 6]}, then: {r: 3}}
  - {id: rest, then: {r: 4}}
)";

TEST(Explanation, TellsWonOutrankedAndFailed) {
  const auto book = book_of(kTable);
  const Explanation one = explain(*book, R"({"a": 1, "b": 3})");
  EXPECT_EQ(rules_text(one), "high:failed mid:won low:failed rest:outranked ");
  const Considered& high = one.rules[0];
  EXPECT_EQ(high.priority, 9);
  EXPECT_EQ(high.conditions, 3u);
  EXPECT_EQ(high.conditions_held, 2u);
  EXPECT_EQ(high.failed_condition, "b: 2 (is 3)");
  EXPECT_EQ(high.failed_column, "b");
  EXPECT_EQ(high.failed_place.str(), "t.yaml:3:45");
  // c was not asked of any rule: b had failed before it.
  EXPECT_EQ(facts_text(one), "a=1 b=3 e=- ");
  EXPECT_EQ(rules_text(explain(*book, "{}")), "high:failed mid:failed low:failed rest:won ");
}

TEST(Explanation, CollectWinsWithAllThatHold) {
  const auto book = book_of(std::string(kTable).insert(12, "hit_policy: collect\n"));
  Explanation explanation;
  EXPECT_EQ(book->collect("d", facts_of(R"({"a": 1})"), &explanation).size(), 2u);
  EXPECT_EQ(rules_text(explanation), "high:failed mid:won low:failed rest:won ");
  EXPECT_TRUE(book->collects("d"));
  EXPECT_FALSE(book_of(kTable)->collects("d"));
  EXPECT_THROW(book->collects("e"), Error);
}

TEST(Explanation, IsThereWhenUniqueFindsTwo) {
  const auto book = book_of(R"(decision: d
hit_policy: unique
rules:
  - {id: a, when: {x: 1}, then: {r: 1}}
  - {id: b, when: {y: 1}, then: {r: 2}}
)");
  Explanation explanation;
  EXPECT_THROW(book->decide("d", facts_of(R"({"x": 1, "y": 1})"), &explanation), Error);
  EXPECT_EQ(explanation.rules.size(), 2u);
  EXPECT_TRUE(explanation.rules[1].held);
}

TEST(Explanation, IsWrittenAnewEachTime) {
  const auto book = book_of(kTable);
  Explanation explanation;
  book->decide("d", facts_of("{}"), &explanation);
  book->decide("d", facts_of(R"({"a": 1})"), &explanation);
  EXPECT_EQ(explanation.rules.size(), 4u);
  EXPECT_EQ(facts_text(explanation), "a=1 b=- e=- ");
}

TEST(Explanation, ListsFactsWhereverTheyAreRead) {
  struct Case {
    const char* rule;
    const char* read;
  };
  const Case cases[] = {
      {"when: {any: [{p: 1}, {q: 2}]}, then: {r: 1}", "p=1 q=- "},
      {"when: {all: [{p: 1}, {not: {q: 2}}]}, then: {r: 1}", "p=1 q=- "},
      {"when: {p: {lt: {fact: m.n}}}, then: {r: 1}", "p=1 m.n=4 "},
      {"when: {l: {some: {fact: p}}}, then: {r: 1}", "l=[1] p=1 "},
      {"when: {p: {any: [2, {not: {fact: q}}]}}, then: {r: 1}", "p=1 q=- "},
      {"then: {r: {fact: m.n}, s: {first: l}}", "m.n=4 l=[1] "},
      {"then: {r: {format: 'of {m.n} and {q}'}}", "m.n=4 q=- "},
      {"then: {r: [{fact: p}, {deep: {fact: l}}]}", "p=1 l=[1] "},
      {"then: {r: {lookup: {table: t, key: k, field: 'f.{p}', default: {fact: q}}}}",
       "k=\"x\" q=- p=1 "},
      {"then: {r: 1}, warn: {when: {p: 1}, text: 'take {q}'}", "p=1 q=- "},
      {"when: {m: {eq: {n: 4}}, m.n: 4, m.o: null}, then: {r: 1}", "m={\"n\":4} m.n=4 m.o=- "},
      {"then: {r: {literal: {fact: p}}}", ""},
  };
  for (const auto& [rule, read] : cases) {
    const auto book = book_of("decision: d\nrules:\n  - {id: a, " + std::string(rule) +
                              "}\n---\nknowledge: t\nrows: {x: {f: {}}}\n");
    const Explanation explanation =
        explain(*book, R"({"p": 1, "l": [1], "m": {"n": 4}, "k": "x"})");
    EXPECT_EQ(facts_text(explanation), read) << rule;
    EXPECT_TRUE(explanation.rules[0].won) << rule;
  }
}

TEST(Explanation, LeavesOutWhatOnlyLosersWouldSay) {
  const auto book = book_of(R"(decision: d
rules:
  - {id: a, priority: 1, when: {x: 1}, then: {r: {fact: mine}}, warn: "of {me}"}
  - {id: b, when: {x: 1}, then: {r: {fact: other}}}
)");
  EXPECT_EQ(facts_text(explain(*book, R"({"x": 1})")), "x=1 mine=- me=- ");
  EXPECT_EQ(facts_text(explain(*book, R"({"x": 2})")), "x=2 ");
}

}  // namespace
}  // namespace switchyard
