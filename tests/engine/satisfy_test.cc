// The solver behind `rules check` against random conditions and facts: what it proves impossible
// never happens, and what it gives as an example holds.
#include "engine/check/satisfy.h"

#include <gtest/gtest.h>

#include "engine/check/pattern_sample.h"
#include "engine/check/rule_pairs.h"
#include "engine/decision_table.h"
#include "engine/pattern.h"
#include "engine/rule_catalog.h"
#include "tests/engine/book.h"
#include "tests/engine/random_rules.h"

namespace switchyard {
namespace {

constexpr int kTables = 60;
constexpr int kRules = 8;
constexpr int kFacts = 400;

TEST(Satisfy, AgreesWithTryingFacts) {
  RandomRules random(11);
  int impossible = 0, possible = 0;
  for (int t = 0; t < kTables; ++t) {
    const auto book = book_of(random.table(kRules, "priority"));
    const auto& rules = book->catalog().decision("d")->rules();
    std::vector<Facts> facts;
    for (int i = 0; i < kFacts; ++i) facts.push_back(facts_of(random.facts()));
    for (std::size_t a = 0; a < rules.size(); ++a) {
      for (std::size_t b = 0; b < rules.size(); ++b) {
        const bool negated = (a + b) % 2 == 1;
        const Formula first = formula_of(rules[a].when);
        const Formula second = formula_of(rules[b].when, negated);
        const Answer answer = satisfy({&first, &second}, {});
        const auto both = [&](const Facts& some) {
          return holds(rules[a].when, some) && holds(rules[b].when, some) != negated;
        };
        if (answer.verdict == Verdict::kPossible) {
          Facts example;
          for (const auto& [column, value] : answer.witness) example.set(column, value);
          EXPECT_TRUE(both(example)) << rules[a].id << " " << rules[b].id << answer.example();
          ++possible;
        } else if (answer.verdict == Verdict::kImpossible) {
          for (const Facts& some : facts) {
            ASSERT_FALSE(both(some)) << "table " << t << ": " << rules[a].id << ", " << rules[b].id;
          }
          ++impossible;
        }
      }
    }
  }
  EXPECT_GT(impossible, 100);
  EXPECT_GT(possible, 1000);
}

// Expressions that no sample meets, in an alternative that the example does not take.
TEST(Satisfy, SpeaksOfTheExampleOnly) {
  const auto book = book_of(R"(
decision: d
hit_policy: priority
rules:
  - id: one
    priority: 1
    when:
      any:
        - {a: {all: [{matches: '[a-m]{3}x[0-9]{40}'}, {matches: '[f-z]{3}x[0-9]*7[0-9]{3}'}]}}
        - {b: 1}
    then: {x: 1}
    source: test
)");
  const Formula formula = formula_of(book->catalog().decision("d")->rules().front().when);
  const Answer answer = satisfy({&formula}, {});
  ASSERT_EQ(answer.verdict, Verdict::kPossible);
  EXPECT_EQ(answer.example(), "b: 1");
  EXPECT_FALSE(answer.patterns_meet);
}

// The pairs that are never looked at can't hold together.
TEST(RulePairs, LeaveOutOnlyWhatExcludesEachOther) {
  RandomRules random(12);
  for (int t = 0; t < kTables; ++t) {
    const auto book = book_of(random.table(kRules * 2, "priority"));
    const auto& rules = book->catalog().decision("d")->rules();
    const RulePairs pairs(rules);
    for (int i = 0; i < kFacts; ++i) {
      const Facts facts = facts_of(random.facts());
      std::vector<std::size_t> held;
      for (std::size_t rank = 0; rank < rules.size(); ++rank) {
        if (holds(rules[rank].when, facts)) held.push_back(rank);
      }
      for (const std::size_t rank : held) {
        const auto better = pairs.better(rank);
        for (const std::size_t other : held) {
          if (other >= rank) break;
          ASSERT_NE(std::find(better.begin(), better.end(), other), better.end())
              << rules[rank].id << " and " << rules[other].id;
        }
      }
    }
  }
}

TEST(PatternSample, MatchesWhatItSamples) {
  struct Case {
    const char* expression;
    bool has_samples;
  };
  const Case kCases[] = {{"bert", true},
                         {"(Bert|Vit).+For(Masked|Causal)LM", true},
                         {"^acme/[a-z0-9_-]+$", true},
                         {"a{3}b?", true},
                         {"[^ab]x\\d+\\.\\w*", true},
                         {"(?i)sam2?", true},
                         {"(?P<n>x)y", true},
                         {"\\p{Greek}", false},
                         {"a(b(c(d)?)*)+", true}};
  for (const Case& c : kCases) {
    const Pattern pattern(parse_yaml("'" + std::string(c.expression) + "'", "t.yaml"));
    const auto samples = pattern_samples(pattern);
    EXPECT_EQ(!samples.empty(), c.has_samples) << c.expression;
    for (const std::string& sample : samples) {
      EXPECT_TRUE(pattern.matches(sample)) << c.expression << ": " << sample;
    }
  }
}

}  // namespace
}  // namespace switchyard
