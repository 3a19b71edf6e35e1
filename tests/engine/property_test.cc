#include <gtest/gtest.h>

#include "tests/engine/book.h"
#include "tests/engine/random_rules.h"

namespace switchyard {
namespace {

std::vector<std::string> collected(const RuleBook& book, const Facts& facts, Explanation* why) {
  std::vector<std::string> ids;
  for (const Outcome& outcome : book.collect("d", facts, why)) ids.emplace_back(outcome.rule.id);
  return ids;
}

TEST(PropertyTest, CompiledTablesDecideAsTheNaiveEvaluator) {
  std::size_t decided = 0;
  for (unsigned seed = 0; seed < 60; ++seed) {
    RandomRules random(seed);
    const int size = seed % 3 == 0 ? 5 : seed % 3 == 1 ? 40 : 300;
    const char* const policy = seed % 2 == 0 ? "priority" : "first";
    const std::string text = random.table(size, policy);
    const auto book = book_of(text);
    const YamlNode table = parse_yaml(text, "t.yaml");
    for (int i = 0; i < 40; ++i) {
      const std::string json = random.facts();
      const Facts facts = facts_of(json);
      const std::vector<std::string> expected = naive_decide(table, facts);
      Explanation explanation;
      EXPECT_EQ(collected(*book, facts, &explanation), expected) << text << json;
      std::vector<std::string> explained;
      for (const Considered& rule : explanation.rules) {
        if (rule.held) explained.emplace_back(rule.rule.id);
        EXPECT_EQ(rule.held, rule.failed_condition.empty());
      }
      EXPECT_EQ(explained, expected) << json;
      const auto outcome = book->decide("d", facts);
      ASSERT_EQ(outcome.has_value(), !expected.empty()) << text << json;
      if (outcome) {
        EXPECT_EQ(outcome->rule.id, expected.front()) << text << json;
      }
      decided += expected.size();
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(decided, 10'000u);  // the tables do ask for what the facts have
}

}  // namespace
}  // namespace switchyard
