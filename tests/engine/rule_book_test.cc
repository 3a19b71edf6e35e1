#include "engine/rule_book.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

std::shared_ptr<const RuleBook> book_of(const std::string& text) {
  return RuleBook::from_texts({{"t.yaml", text}});
}

std::string decide(const RuleBook& book, const Facts& facts) {
  const auto outcome = book.decide("d", facts);
  return outcome ? outcome->outputs.to_json() : "nothing";
}

TEST(RuleBookTest, HighestPriorityWins) {
  const auto book = book_of(R"(
decision: d
rules:
  - {id: low, priority: 1, when: {x: 1}, then: {r: low}}
  - {id: high, priority: 2, when: {x: 1}, then: {r: high}, source: test}
  - {id: other, priority: 3, when: {x: 2}, then: {r: other}}
)");
  Facts facts;
  EXPECT_EQ(decide(*book, facts), "nothing");
  facts.set("x", 1);
  EXPECT_EQ(decide(*book, facts), R"({"r":"high"})");
  const auto outcome = book->decide("d", facts);
  EXPECT_EQ(outcome->rule.id, "high");
  EXPECT_EQ(outcome->rule.source, "test");
  EXPECT_EQ(outcome->rule.place().str(), "t.yaml:5:5");
}

}  // namespace
}  // namespace switchyard
