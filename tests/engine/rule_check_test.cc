// What check_rules finds in one table, in several at once, and in overlays.
#include "engine/rule_check.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

// "3:5 shadowed a (b)" for each problem: line, column, kind, rule, what it collides with; a warning
// begins with "w".
std::vector<std::string> found(const std::vector<RuleTexts>& layers) {
  std::vector<std::string> lines;
  for (const Problem& problem : check_rules(layers).problems) {
    std::string line = problem.severity == Problem::Severity::kWarning ? "w" : "";
    line += std::to_string(problem.place.line) + ":" + std::to_string(problem.place.column) + " " +
            problem.kind;
    if (!problem.rule.empty()) line += " " + problem.rule;
    if (!problem.other_rule.empty()) line += " (" + problem.other_rule + ")";
    lines.push_back(line);
  }
  return lines;
}

struct Case {
  const char* name;
  const char* rules;  // of the decision d; the first one stands on line 3
  std::vector<std::string> problems;
  const char* hit_policy = "priority";
};

std::string table(const Case& c) {
  return std::string("decision: d\nrules:\n") + c.rules + "hit_policy: " + c.hit_policy + "\n";
}

const Case kCases[] = {
    {"nothing wrong",
     "  - {id: a, when: {x: 1}, then: {r: 1}}\n"
     "  - {id: b, when: {x: 2}, then: {r: 2}}\n",
     {}},
    {"same priority, both can hold",
     "  - {id: a, when: {x: 1}, then: {r: 1}}\n"
     "  - {id: b, when: {y: 1}, then: {r: 2}}\n",
     {"4:5 overlap b (a)"}},
    {"same priority, same outputs",
     "  - {id: a, when: {x: 1}, then: {r: 1}}\n"
     "  - {id: b, when: {y: 1}, then: {r: 1}}\n",
     {}},
    {"another priority",
     "  - {id: a, when: {x: 1}, then: {r: 1}, priority: 2}\n"
     "  - {id: b, when: {y: 1}, then: {r: 2}}\n",
     {}},
    {"lists that share a value",
     "  - {id: a, when: {x: [1, 2], z: 1}, then: {r: 1}}\n"
     "  - {id: b, when: {x: [2, 3]}, then: {r: 2}}\n",
     {"4:5 overlap b (a)"}},
    {"lists that share none",
     "  - {id: a, when: {x: [1, 2]}, then: {r: 1}}\n"
     "  - {id: b, when: {x: [4, 3]}, then: {r: 2}}\n",
     {}},
    {"separated by absence",
     "  - {id: a, when: {x: absent, y: 1}, then: {r: 1}}\n"
     "  - {id: b, when: {x: present, z: 1}, then: {r: 2}}\n",
     {}},
    {"separated by order",
     "  - {id: a, when: {x: {lt: 3}, y: 1}, then: {r: 1}}\n"
     "  - {id: b, when: {x: {ge: 3}, z: 1}, then: {r: 2}}\n",
     {}},
    {"not separated by order",
     "  - {id: a, when: {x: {le: 3}, y: 1}, then: {r: 1}}\n"
     "  - {id: b, when: {x: {ge: 3}, z: 1}, then: {r: 2}}\n",
     {"4:5 overlap b (a)"}},
    {"separated by a negation",
     "  - {id: a, when: {x: {not: [1, 2]}, y: 1}, then: {r: 1}}\n"
     "  - {id: b, when: {x: [1, 2], z: 1}, then: {r: 2}}\n",
     {}},
    {"separated inside any",
     "  - {id: a, when: {any: [{x: 1}, {x: 2}], y: 1}, then: {r: 1}}\n"
     "  - {id: b, when: {not: {any: [{x: 1}, {x: 2}]}, z: 1}, then: {r: 2}}\n",
     {}},
    {"spellings of one name",
     "  - {id: a, when: {x: {folds_to: A-b}, y: 1}, then: {r: 1}}\n"
     "  - {id: b, when: {x: {iequals: a_B}}, then: {r: 2}}\n",
     {"4:5 overlap b (a)"}},
    {"3 and 3.0 are one value",
     "  - {id: a, when: {x: 3, y: 1}, then: {r: 1}}\n"
     "  - {id: b, when: {x: 3.0, z: 1}, then: {r: 2}}\n",
     {"4:5 overlap b (a)"}},
    {"an expression and a value it matches",
     "  - {id: a, when: {x: {matches: 'ab+'}, y: 1}, then: {r: 1}}\n"
     "  - {id: b, when: {x: abb}, then: {r: 2}}\n",
     {"4:5 overlap b (a)"}},
    {"an expression and a value it does not match",
     "  - {id: a, when: {x: {matches: 'ab+'}}, then: {r: 1}}\n"
     "  - {id: b, when: {x: abc}, then: {r: 2}}\n",
     {}},
    {"two expressions",
     "  - {id: a, when: {x: {matches: '.+For.+'}}, then: {r: 1}}\n"
     "  - {id: b, when: {x: {matches: '.+Model'}}, then: {r: 2}}\n",
     {"w4:5 overlap b (a)"}},
    {"two expressions, separated by another column",
     "  - {id: a, when: {x: {matches: '.+For.+'}, y: 1}, then: {r: 1}}\n"
     "  - {id: b, when: {x: {matches: '.+Model'}, y: 2}, then: {r: 2}}\n",
     {}},
    {"two expressions that begin differently",
     "  - {id: a, when: {x: {matches: 'bert-.+'}}, then: {r: 1}}\n"
     "  - {id: b, when: {x: {matches: 'gpt-.+'}}, then: {r: 2}}\n",
     {}},
    {"two expressions, declared disjoint",
     "  - {id: a, when: {x: {matches: '.+For.+'}}, then: {r: 1}}\n"
     "  - {id: b, when: {x: {matches: '.+Model'}}, then: {r: 2}}\n"
     "disjoint: [[a, b]]\n",
     {}},
    {"disjoint names a rule that is not there",
     "  - {id: a, when: {x: 1}, then: {r: 1}}\n"
     "disjoint: [[a, c]]\n",
     {"4:16 unknown-rule"}},
    {"unique, at any priority",
     "  - {id: a, when: {x: 1}, then: {r: 1}, priority: 3}\n"
     "  - {id: b, when: {y: 1}, then: {r: 1}}\n",
     {"4:5 overlap b (a)"},
     "unique"},
    {"collect wants several",
     "  - {id: a, when: {x: 1}, then: {r: 1}}\n"
     "  - {id: b, when: {x: 1}, then: {r: 2}}\n",
     {},
     "collect"},
    {"first decides by order",
     "  - {id: a, when: {x: 1}, then: {r: 1}}\n"
     "  - {id: b, when: {y: 1}, then: {r: 2}}\n",
     {},
     "first"},
    {"shadowed in order",
     "  - {id: a, when: {x: present}, then: {r: 1}}\n"
     "  - {id: b, when: {x: 1}, then: {r: 2}}\n",
     {"4:5 shadowed b (a)"},
     "first"},
    {"shadowed by priority",
     "  - {id: b, when: {x: 1, y: 2}, then: {r: 2}}\n"
     "  - {id: a, when: {x: [1, 2]}, then: {r: 1}, priority: 1}\n",
     {"3:5 shadowed b (a)"}},
    {"shadowed by one that always holds",
     "  - {id: a, then: {r: 1}, priority: 1}\n"
     "  - {id: b, when: {x: 1}, then: {r: 2}}\n",
     {"4:5 shadowed b (a)"}},
    {"shadowed by two together",
     "  - {id: a, when: {x: 1}, then: {r: 1}, priority: 3}\n"
     "  - {id: b, when: {x: 2}, then: {r: 2}, priority: 2}\n"
     "  - {id: c, when: {x: [1, 2], y: 1}, then: {r: 3}, priority: 1}\n",
     {"5:5 shadowed c (a)"}},
    {"not quite shadowed",
     "  - {id: a, when: {x: 1}, then: {r: 1}, priority: 3}\n"
     "  - {id: b, when: {x: 2}, then: {r: 2}, priority: 2}\n"
     "  - {id: c, when: {x: [1, 2, 3], y: 1}, then: {r: 3}, priority: 1}\n",
     {}},
    {"contradictory: equal and not",
     "  - {id: a, when: {x: {eq: 1, ne: 1}}, then: {r: 1}}\n",
     {"3:19 contradictory a"}},
    {"contradictory: order",
     "  - {id: a, when: {x: {lt: 1, gt: 2}}, then: {r: 1}}\n",
     {"3:19 contradictory a"}},
    {"contradictory: across clauses",
     "  - {id: a, when: {x: 1, not: {x: [1, 2]}}, then: {r: 1}}\n",
     {"3:19 contradictory a"}},
    {"contradictory: an empty list of values",
     "  - {id: a, when: {x: []}, then: {r: 1}}\n",
     {"3:19 contradictory a"}},
    {"a number between two others", "  - {id: a, when: {x: {gt: 1, lt: 2}}, then: {r: 1}}\n", {}},
    {"tests that can't be judged",
     "  - {id: a, when: {x: {fact: y}, z: {some: {starts_with: q}}}, then: {r: 1}}\n",
     {}},
    {"an expression that matches the empty text",
     "  - {id: a, when: {any: [{x: {matches: '(ab)*'}}, {y: 1}]}, then: {r: 1}}\n",
     {"3:40 matches-empty a"}},
    {"an expression that does not compile, and what else is wrong",
     "  - {id: a, when: {x: {matches: 'a('}, y: {eqq: 2}}, then: {r: 1}, prio: 1}\n"
     "  - {id: b, then: {r: {format: '{'}}, priority: high}\n"
     "  - {id: b, when: {x: 1}, then: {r: 2}}\n"
     "  - {then: {r: 3}}\n",
     {"3:33 syntax a", "3:44 syntax a", "3:68 syntax a", "4:32 syntax b", "4:49 syntax b",
      "5:10 syntax b", "6:5 syntax"}},
};

class RuleCheck_ : public testing::TestWithParam<Case> {};

TEST_P(RuleCheck_, Finds) {
  EXPECT_EQ(found({{{"t.yaml", table(GetParam())}}}), GetParam().problems) << table(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Table, RuleCheck_, testing::ValuesIn(kCases));

TEST(RuleCheck, SaysWhatCollidesAndGivesAnExample) {
  const auto check = check_rules(std::vector<RuleTexts>{
      {{"t.yaml",
        "decision: d\nrules:\n"
        "  - {id: a, priority: 7, when: {x: [cat, dog], z: {gt: 2}}, then: {r: 1}}\n"
        "  - {id: b, priority: 7, when: {x: dog}, then: {r: 2}}\n"}}});
  ASSERT_EQ(check.problems.size(), 1u);
  EXPECT_EQ(check.problems[0].str(),
            "t.yaml:4:5: error: [d: b] this rule and \"a\" of the same priority 7 hold together, "
            "with different outputs, for example with x: \"dog\", z: 2.25 (collides with \"a\", "
            "t.yaml:3:5). Give one of them another priority, or narrow its conditions.");
}

TEST(RuleCheck, KnowsDeclaredValues) {
  const std::string text =
      "decision: d\n"
      "columns: {animal: {description: which, values: [cat, dog]}, kind: {values: {keys_of: "
      "kinds}},\n"
      "  key: {values: {keys_of: kinds, fold: true}}, free: anything}\n"
      "outputs: {r: {values: [{keys_of: kinds}, 7]}}\n"
      "rules:\n"
      "  - {id: a, when: {animal: dogg}, then: {r: Big-One}, priority: 1}\n"
      "  - {id: b, when: {animal: [cat, cow]}, then: {r: Big}, priority: 2}\n"
      "  - {id: c, when: {kind: {not: big-one}, key: big_one, free: cow}, then: {r: 7}, priority: "
      "3}\n"
      "  - {id: d, when: {key: Big-One}, then: {r: [small, Smal]}, priority: 4}\n"
      "  - {id: e, when: {animal: {matches: 'c.w'}}, then: {r: {fact: free}}, priority: 5}\n"
      "  - {id: f, when: {animal: {not: [cat, dog, null]}}, then: {r: null}, priority: 6}\n"
      "---\n"
      "knowledge: kinds\n"
      "rows: {Big-One: 1, small: 2}\n";
  EXPECT_EQ(found({{{"t.yaml", text}}}),
            (std::vector<std::string>{"6:28 unknown-value a", "7:34 unknown-value b",
                                      "7:51 unknown-value b", "8:32 unknown-value c",
                                      "9:25 unknown-value d", "9:53 unknown-value d",
                                      "10:19 contradictory e", "11:19 contradictory f"}));
}

TEST(RuleCheck, AsksForTheTablesOfDeclaredValues) {
  const std::string text =
      "decision: d\n"
      "columns: {animal: {values: {keys_of: kind}}}\n"
      "rules: [{id: a, when: {animal: cow}, then: {r: 1}}]\n"
      "---\n"
      "knowledge: kinds\n"
      "rows: {cow: 1}\n";
  EXPECT_EQ(found({{{"t.yaml", text}}}),
            (std::vector<std::string>{"2:38 unknown-table", "3:32 unknown-value a"}));
}

TEST(RuleCheck, KnowsReferences) {
  const std::string text =
      "decision: d\n"
      "columns: [x]\n"
      "rules:\n"
      "  - {id: a, when: {x: {fact: z}}, then: {r: {fact: y}}}\n"
      "  - {id: b, when: {x: 1}, then: {r: {format: 'is {w}'}}, priority: 1}\n"
      "  - {id: c, when: {x: 2}, then: {r: {lookup: {table: k, key: x, field: colur}}}, priority: "
      "2}\n"
      "  - {id: d, when: {x: 3}, then: {r: {lookup: {table: kk, key: x}}}, priority: 3}\n"
      "  - {id: e, when: {x: 4}, then: {r: 1}, warn: 'so {v}', priority: 4}\n"
      "---\n"
      "knowledge: k\n"
      "rows: {one: {colour: red}}\n";
  EXPECT_EQ(found({{{"t.yaml", text}}}),
            (std::vector<std::string>{"4:23 syntax a", "4:45 syntax a", "5:37 syntax b",
                                      "6:37 unknown-field c", "7:54 syntax d", "8:47 syntax e"}));
}

const char kBase[] =
    "decision: task\nrules:\n"
    "  - {id: sentinel/sam, priority: 7, when: {x: sam}, then: {r: 1}}\n"
    "  - {id: other, priority: 6, when: {x: vit}, then: {r: 2}}\n"
    "---\nknowledge: kinds\nrows: {a: 1}\n";

std::vector<std::string> over_base(const std::string& overlay) {
  return found({{{"base.yaml", kBase}}, {{"mine.yaml", overlay}}});
}

TEST(RuleCheck, LooksAtOverlaysToo) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(over_base("decision: task\nrules:\n  - {id: other, then: {r: 3}}\n"), Lines());
  EXPECT_EQ(over_base("decision: task\nrules:\n  - {id: othr, disabled: true}\n"),
            Lines{"3:10 syntax othr"});
  EXPECT_EQ(over_base("decision: task\nrules:\n  - {id: new, replaces: true, then: {r: 1}}\n"),
            Lines{"3:10 syntax new"});
  EXPECT_EQ(
      over_base("decision: task\nrules:\n  - {id: Sentinel/SAM, when: {x: a}, then: {r: 1}}\n"),
      Lines{"3:5 near-id Sentinel/SAM (sentinel/sam)"});
  EXPECT_EQ(over_base("decision: tasks\nrules: []\n"), Lines{"1:0 new-table"});
  EXPECT_EQ(over_base("decision: quite-another\nrules: []\n"), Lines{"w1:0 new-table"});
  EXPECT_EQ(over_base("knowledge: kindz\nrows: {}\n"), Lines{"1:0 new-table"});
  EXPECT_EQ(over_base("knowledge: kinds\nreplaces: true\nrows: {a: 2, b: 3}\n"),
            Lines{"3:14 syntax"});
  // Of two layers, the later one is to blame.
  EXPECT_EQ(over_base("decision: task\nrules:\n"
                      "  - {id: wide, priority: 7, when: {x: [sam, bit]}, then: {r: 3}}\n"),
            Lines{"3:5 shadowed wide (sentinel/sam)"});
  EXPECT_EQ(over_base("decision: task\nrules:\n"
                      "  - {id: near, priority: 7, when: {x: sam, y: 1}, then: {r: 3}}\n"),
            Lines{"3:5 overlap near (sentinel/sam)"});
}

TEST(RuleCheck, ReadsOnPastFilesThatAreNone) {
  EXPECT_EQ(found({{{"a.yaml", "decision: [\n"},
                    {"b.yaml", "descision: d\n"},
                    {"c.yaml", "decision: d\nrules:\n  - {id: x, then: 3}\n"}}}),
            (std::vector<std::string>{"1:1 syntax", "1:1 syntax", "3:19 syntax x"}));
}

TEST(RuleCheck, ShippedRulesAreClean) {
  const std::string rules = std::string(SWITCHYARD_SOURCE_DIR) + "/rules";
  for (const Problem& problem : check_rules({.base = rules}).problems) {
    ADD_FAILURE() << problem.str();
  }
}

}  // namespace
}  // namespace switchyard
