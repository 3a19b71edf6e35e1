// The rules compiled into the program against the files they were compiled from.
#include <gtest/gtest.h>

#include "engine/embedded_rules.h"
#include "engine/rule_book.h"

namespace switchyard {
namespace {

TEST(ShippedRulesTest, EmbeddedRulesAreTheRulesDirectory) {
  ASSERT_FALSE(embedded_rules().empty());
  const auto embedded = RuleBook::load();
  const auto directory = RuleBook::load({.base = SWITCHYARD_SOURCE_DIR "/rules"});
  EXPECT_EQ(embedded->digest(), directory->digest());
  EXPECT_EQ(embedded->decisions(), directory->decisions());
  EXPECT_FALSE(embedded->decisions().empty());
  ASSERT_EQ(embedded->recipes(), directory->recipes());
  for (const std::string& recipe : embedded->recipes()) {
    EXPECT_EQ(embedded->recipe(recipe)->text, directory->recipe(recipe)->text) << recipe;
  }
  // Every table evaluates, and says the same, on no facts at all.
  for (const std::string_view decision : embedded->decisions()) {
    const auto a = embedded->collect(decision, Facts());
    const auto b = directory->collect(decision, Facts());
    ASSERT_EQ(a.size(), b.size()) << decision;
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i].rule.id, b[i].rule.id);
      EXPECT_EQ(a[i].outputs, b[i].outputs);
      EXPECT_EQ(a[i].rule.line, b[i].rule.line);
    }
  }
}

}  // namespace
}  // namespace switchyard
