// Coverage: which rules in force won at least once.
#include "stages/workshop/golden/coverage.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/error.h"
#include "stages/workshop/golden/golden.h"
#include "tests/resolve/support.h"

namespace switchyard {
namespace {

constexpr const char* kTables = R"(
decision: one
rules:
  - {id: a, priority: 3, when: {x: 1}, then: {r: 1}}
  - {id: b, priority: 2, when: {x: [1, 2]}, then: {r: 2}}
  - {id: c, priority: 1, disabled: true, then: {r: 3}}
---
decision: many
hit_policy: collect
rules:
  - {id: a, then: {r: 1}}
  - {id: q, when: {x: 1}, then: {r: 2}}
---
decision: both
hit_policy: unique
rules:
  - {id: u, then: {r: 1}}
  - {id: v, then: {r: 2}}
)";

// "one: b; many: q; ": the rules that never won, by table.
std::string never(const CoverageReport& report) {
  std::string text;
  for (const CoverageReport::Table& table : report.tables) {
    if (table.never_won.empty()) continue;
    text += table.decision + ":";
    for (const RuleRef& rule : table.never_won) text += " " + std::string(rule.id);
    text += "; ";
  }
  return text;
}

TEST(Coverage, CountsWinnersOnly) {
  const auto book = RuleBook::from_texts({{"t.yaml", kTables}});
  TemporaryDirectory directory;
  const std::string one = R"({"decision": "one", "facts": {"x": 1}})";
  directory.write("a.jsonl", one + "\n" + R"({"decision": "many", "facts": {}})");
  const GoldenReport report = run_golden(*book, directory.path(), {.coverage = true});
  ASSERT_TRUE(report.coverage);
  // b held, too, but a won; c is disabled; the a of another table is another rule.
  EXPECT_EQ(never(*report.coverage), "both: u v; many: q; one: b; ");
  EXPECT_EQ(report.coverage->rules, 6u);
  EXPECT_EQ(report.coverage->won, 2u);
  EXPECT_EQ(report.coverage->tables[1].never_won[0].place().str(), "t.yaml:12:5");
}

TEST(Coverage, ThresholdIsReachedExactlyOrNot) {
  const auto book = RuleBook::from_texts({{"t.yaml", kTables}});
  TemporaryDirectory directory;
  directory.write("a.jsonl", R"({"decision": "many", "facts": {"x": 1}})"
                             "\n"
                             R"({"decision": "one", "facts": {"x": 2}})");
  for (const auto& [threshold, below] :
       {std::pair(0.0, false), {50.0, false}, {50.1, true}, {100.0, true}}) {
    const GoldenReport report = run_golden(*book, directory.path(), {.threshold = threshold});
    EXPECT_DOUBLE_EQ(report.coverage->percent(), 50);
    EXPECT_EQ(report.below_threshold(), below) << threshold;
  }
  EXPECT_FALSE(run_golden(*book, directory.path()).coverage);
}

TEST(Coverage, ListsRulesInForceBestFirst) {
  const auto book = RuleBook::from_texts({{"t.yaml", kTables}});
  std::string ids;
  for (const RuleRef& rule : rules_in_force(*book, "one")) ids += std::string(rule.id) + " ";
  EXPECT_EQ(ids, "a b ");
  EXPECT_EQ(rules_in_force(*book, "both").size(), 2u);
  EXPECT_THROW(rules_in_force(*book, "none"), Error);
  EXPECT_EQ(CoverageReport().percent(), 100);
}

}  // namespace
}  // namespace switchyard
