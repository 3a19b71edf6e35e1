// Rules exchanged while others decide by them.
#include "engine/live_rules.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/support/temporary_directory.h"
#include "tests/engine/book.h"

namespace switchyard {
namespace {

class LiveRulesTest : public testing::Test {
 protected:
  // Every rule of the table says the same number, so that a mixture would show.
  void write_rules(int number) {
    std::string text = "decision: d\nrules:\n";
    for (int i = 0; i < 50; ++i) {
      text += "  - {id: r" + std::to_string(i) + ", when: {x: " + std::to_string(i) +
              "}, then: {n: " + std::to_string(number) + "}}\n";
    }
    text += "---\nknowledge: k\nrows: {number: {n: " + std::to_string(number) + "}}\n";
    // Put in place at once, as editors do.
    write_text(directory / "new", text);
    std::filesystem::create_directories(directory / "rules");
    std::filesystem::rename(directory / "new", directory / "rules/d.yaml");
  }
  RuleBookOptions options() const { return {.overlays = {}, .base = directory / "rules"}; }

  static std::int64_t number(const RuleBook& book, int x) {
    Facts facts;
    facts.set("x", x);
    return book.decide("d", facts)->get("n")->as_int();
  }

  TemporaryDirectory directory;
};

TEST_F(LiveRulesTest, ReloadPutsTheNewRulesInForceAndLeavesTheOldOnesToTheirHolders) {
  write_rules(1);
  LiveRules rules(options());
  const auto old = rules.current();
  EXPECT_EQ(number(*old, 3), 1);
  EXPECT_FALSE(rules.reload());
  write_rules(2);
  EXPECT_TRUE(rules.reload());
  EXPECT_EQ(number(*rules.current(), 3), 2);
  EXPECT_EQ(number(*old, 3), 1);
}

TEST_F(LiveRulesTest, AFaultLeavesTheRulesInForce) {
  write_rules(1);
  LiveRules rules(options());
  const auto before = rules.current();
  const char* const faults[] = {"decision: d\nrules: [{id: a}]\n", "decision: d\nrules: [",
                                "knowledge: k\nrows: {a: {}, a: {}}\n", "nothing: at all\n"};
  for (const char* fault : faults) {
    write_text(directory / "rules/d.yaml", fault);
    EXPECT_THROW(rules.reload(), Error) << fault;
    EXPECT_EQ(rules.current(), before) << fault;
  }
  EXPECT_THROW(rules.reload({.overlays = {directory / "not-there"}, .base = {}}), Error);
  EXPECT_EQ(rules.current(), before);
  // And what was asked for last without a fault is what the next reload loads.
  write_rules(3);
  EXPECT_TRUE(rules.reload());
  EXPECT_EQ(number(*rules.current(), 0), 3);
}

TEST_F(LiveRulesTest, TakesABookAsWell) {
  LiveRules rules(book_of("decision: d\nrules: [{id: a, then: {n: 1}}]"));
  EXPECT_THROW(rules.reload(), Error);
  rules.replace(book_of("decision: d\nrules: [{id: a, then: {n: 2}}]"));
  EXPECT_EQ(number(*rules.current(), 0), 2);
  EXPECT_THROW(rules.replace(nullptr), std::invalid_argument);
  EXPECT_THROW(LiveRules(std::shared_ptr<const RuleBook>()), std::invalid_argument);
}

// Also run under ThreadSanitizer by hand (docs/architecture.md).
TEST_F(LiveRulesTest, ThreadsDecideWhileAnotherReloads) {
  write_rules(0);
  LiveRules rules(options());
  std::atomic<bool> done = false;
  std::atomic<int> mixtures = 0, went_back = 0;
  std::atomic<std::int64_t> decided = 0;
  std::vector<std::thread> deciders;
  for (int i = 0; i < 4; ++i) {
    deciders.emplace_back([&] {
      std::int64_t last = 0, mine = 0;
      while (!done || mine == 0) {
        const auto book = rules.current();
        const std::int64_t first = number(*book, 0);
        for (int x = 1; x < 50; ++x) mixtures += number(*book, x) != first;
        mixtures += book->lookup("k", "number")->value.find("n")->as_int() != first;
        went_back += first < last;
        last = first;
        mine += 50;
      }
      decided += mine;
    });
  }
  for (int version = 1; version <= 40; ++version) {
    write_rules(version);
    EXPECT_TRUE(rules.reload());
  }
  done = true;
  for (std::thread& decider : deciders) decider.join();
  EXPECT_EQ(mixtures, 0);
  EXPECT_EQ(went_back, 0);
  EXPECT_GT(decided, 0);
  EXPECT_EQ(number(*rules.current(), 7), 40);
}

}  // namespace
}  // namespace switchyard
