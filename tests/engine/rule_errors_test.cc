// Every fault of a rule file is named with its place and in our own words.
#include <gtest/gtest.h>

#include "tests/engine/book.h"

namespace switchyard {
namespace {

struct Case {
  const char* text;
  const char* error;  // how the message begins
};

constexpr Case kTables[] = {
    {"decision: [a]\nrules: []\n", "t.yaml:1:11: `decision` needs a name, not a list."},
    {"decision: d\n", "t.yaml:1:1: a decision table without `rules`."},
    {"decision: d\nrules: {}\n", "t.yaml:2:8: `rules` must be a list, not a map."},
    {"decision: d\nhit_policy: best\nrules: []\n",
     "t.yaml:2:13: `hit_policy` must be priority, first, unique or collect, not the string "
     "\"best\"."},
    {"decision: d\nrule: []\n",
     "t.yaml:2:1: a decision table has no key \"rule\". Did you mean rules?"},
    {"decision: d\nrules:\n  - {id: a, then: {r: 1}}\n  - {id: a, then: {r: 2}}\n",
     "t.yaml:4:10: the rule id \"a\" is used before, at t.yaml:3:5."},
    {"knowledge: k\n", "t.yaml:1:1: a knowledge table without `rows`."},
    {"knowledge: k\nrows: [1]\n", "t.yaml:2:7: `rows` must be a map, not a list."},
    {"knowledge: k\nkeys: loose\nrows: {}\n", "t.yaml:2:7: `keys` must be exact or fold"},
    {"knowledge: k\nrows: {a: 1, a: 2}\n", "t.yaml:2:14: the key \"a\" is given twice in one map."},
    {"recipe: a\ngraph: []\n---\nrecipe: a\ngraph: []\n",
     "t.yaml:3: `recipe: a` is there before, at t.yaml:1."},
    {"decision: d\ncolumns: [x]\nrules:\n  - {id: a, when: {y: 1}, then: {r: 1}}\n",
     "t.yaml:4:20: \"y\" is not a declared column of this decision. Declare it, or use one of x."},
    {"decision: d\noutputs: [task]\nrules:\n  - {id: a, then: {tsk: 1}}\n",
     "t.yaml:4:20: \"tsk\" is not a declared output of this decision. Did you mean task?"},
    {"a: [\n", "t.yaml:2:1: is not valid YAML"},
};

// Faults inside one rule; the text stands after "  - " on line 3, so columns count from 5.
constexpr Case kRules[] = {
    {"word", "t.yaml:3:5: a rule must be a map, not the string \"word\"."},
    {"{then: {r: 1}}", "t.yaml:3:5: a rule without `id`."},
    {"{id: a}", "t.yaml:3:5: the rule \"a\" has no `then`."},
    {"{id: a, then: 1}", "t.yaml:3:19: `then` must be a map, not the integer 1."},
    {"{id: a, then: {fact: x}}", "t.yaml:3:19: `then` must name its outputs."},
    {"{id: a, priorty: 1, then: {r: 1}}",
     "t.yaml:3:13: a rule has no key \"priorty\". Did you mean priority?"},
    {"{id: a, priority: high, then: {r: 1}}",
     "t.yaml:3:23: `priority` must be a whole number, not the string \"high\"."},
    {"{id: a, priority: 99999999999, then: {r: 1}}", "t.yaml:3:23: `priority` is out of range."},
    {"{id: a, disabled: maybe}", "t.yaml:3:23: `disabled` must be true or false"},
    {"{id: a, source: [x], then: {r: 1}}", "t.yaml:3:21: `source` must be a word or text"},
    {"{id: a, when: [x], then: {r: 1}}", "t.yaml:3:19: conditions must be a map, not a list."},
    {"{id: a, when: {a b: 1}, then: {r: 1}}", "t.yaml:3:20: \"a b\" is not a column."},
    {"{id: a, when: {x..y: 1}, then: {r: 1}}", "t.yaml:3:20: \"x..y\" is not a column."},
    {"{id: a, when: {x: {match: y}}, then: {r: 1}}",
     "t.yaml:3:24: \"match\" is not an operator of conditions. Did you mean matches?"},
    {"{id: a, when: {x: {}}, then: {r: 1}}", "t.yaml:3:23: a condition without an operator."},
    {"{id: a, when: {x: {matches: 'a('}}, then: {r: 1}}",
     "t.yaml:3:33: the regular expression \"a(\" is not valid: parentheses that do not pair"},
    {"{id: a, when: {x: {matches: '(?=a)'}}, then: {r: 1}}",
     "t.yaml:3:33: the regular expression \"(?=a)\" is not valid: a group of an unknown kind"},
    {"{id: a, when: {x: {matches: '((((a{99}){99}){99}){99})'}}, then: {r: 1}}",
     "t.yaml:3:33: the regular expression"},
    {"{id: a, when: {x: {lt: two}}, then: {r: 1}}",
     "t.yaml:3:28: `lt` must be a number, not the string \"two\"."},
    {"{id: a, when: {x: {longer_than: -1}}, then: {r: 1}}",
     "t.yaml:3:37: `longer_than` can't be negative."},
    {"{id: a, when: {x: {iequals: 3}}, then: {r: 1}}",
     "t.yaml:3:33: `iequals` needs a text, not the integer 3."},
    {"{id: a, when: {x: {in: y}}, then: {r: 1}}", "t.yaml:3:28: `in` must be a list"},
    {"{id: a, when: {any: {x: 1}}, then: {r: 1}}", "t.yaml:3:25: `any` must be a list, not a map."},
    {"{id: a, then: {r: {lookup: {table: k}}}}", "t.yaml:3:32: `lookup` needs a table and a key."},
    {"{id: a, then: {r: {lookup: {table: k, key: x}}}}",
     "t.yaml:3:40: there is no knowledge table \"k\"."},
    {"{id: a, then: {r: {format: '{x'}}}", "t.yaml:3:32: a '{' that does not begin the name"},
    {"{id: a, then: {r: {format: 'x}'}}}", "t.yaml:3:32: a '}' without '{'."},
    {"{id: a, then: {r: {fact: [x]}}}", "t.yaml:3:30: `fact` must be a word or text, not a list."},
    {"{id: a, then: {r: 1}, warn: {txt: x}}",
     "t.yaml:3:34: `warn` has no key \"txt\". Did you mean text?"},
    {"{id: a, then: {r: 1}, warn: {when: {x: 1}}}", "t.yaml:3:33: `warn` needs a text."},
};

void expect_error(const std::string& text, const std::string& expected) {
  const std::string error = error_of([&] { book_of(text); });
  EXPECT_EQ(error.substr(0, expected.size()), expected) << text << "\n" << error;
}

TEST(RuleErrorsTest, Tables) {
  for (const auto& [text, error] : kTables) expect_error(text, error);
}

TEST(RuleErrorsTest, Rules) {
  for (const auto& [text, error] : kRules) {
    expect_error("decision: d\nrules:\n  - " + std::string(text) + "\n", error);
  }
}

}  // namespace
}  // namespace switchyard
