// Facts by name, by id and by path, and names interned by many threads at once.
#include "engine/facts.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

namespace switchyard {
namespace {

TEST(Facts, SetEraseAndFind) {
  Facts facts;
  facts.set("facts_test.a", 1);
  facts.set("facts_test.a.b", nullptr);
  facts.set("facts_test", Map{{"a", Map{{"c", 3}}}});
  EXPECT_EQ(*facts.get(fact_id("facts_test.a")), Value(1));
  EXPECT_TRUE(facts.find("facts_test.a.b")->is_null());
  // The longest leading part that is a fact wins, even where it leads nowhere.
  EXPECT_EQ(facts.find("facts_test.a.c"), nullptr);
  EXPECT_EQ(facts.all().size(), 3u);
  facts.erase("facts_test.a");
  facts.erase("facts_test.never-interned");
  EXPECT_EQ(facts.get(fact_id("facts_test.a")), nullptr);
  EXPECT_EQ(*facts.find("facts_test.a.c"), Value(3));
  facts.set("facts_test.a", 2);
  EXPECT_EQ(*facts.find("facts_test.a"), Value(2));
  EXPECT_EQ(facts.get(fact_id("facts_test.later")), nullptr);
}

TEST(Facts, NamesInternedByManyThreadsHaveOneId) {
  constexpr int kThreads = 4, kNames = 3'000;  // beyond several sizes of the table
  std::vector<std::vector<FactId>> ids(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&ids, t] {
      for (int i = 0; i < kNames; ++i) {
        ids[t].push_back(fact_id("interned-" + std::to_string((i + 700 * t) % kNames)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<FactId> distinct(ids[0].begin(), ids[0].end());
  EXPECT_EQ(distinct.size(), std::size_t{kNames});
  for (int t = 0; t < kThreads; ++t) {
    for (int i = 0; i < kNames; ++i) {
      const std::string name = "interned-" + std::to_string((i + 700 * t) % kNames);
      ASSERT_EQ(ids[t][i], fact_id(name));
      ASSERT_EQ(fact_name(ids[t][i]), name);
    }
  }
}

}  // namespace
}  // namespace switchyard
