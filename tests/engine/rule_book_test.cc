#include "engine/rule_book.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/engine/book.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

// A directory that goes away with the test.
class Directory {
 public:
  Directory() {
    std::string name = (fs::temp_directory_path() / "switchyard-rules-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Directory() { fs::remove_all(path_); }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

TEST(HitPolicyTest, PriorityThenOrder) {
  const auto book = book_of(R"(
decision: d
rules:
  - {id: low, when: {x: 1}, then: {r: low}}
  - {id: high, priority: 2, when: {x: 1}, then: {r: high}, source: test}
  - {id: tie, priority: 2, when: {x: 1}, then: {r: tie}}
  - {id: other, priority: 3, when: {x: 2}, then: {r: other}}
)");
  EXPECT_EQ(outputs(*book, "{}"), "nothing");
  EXPECT_EQ(outputs(*book, R"({"x": 1})"), R"({"r":"high"})");
  EXPECT_EQ(outputs(*book, R"({"x": 2})"), R"({"r":"other"})");
  const auto outcome = book->decide("d", facts_of(R"({"x": 1})"));
  EXPECT_EQ(outcome->rule.id, "high");
  EXPECT_EQ(outcome->rule.source, "test");
  EXPECT_EQ(outcome->rule.place().str(), "t.yaml:5:5");
  EXPECT_EQ(*outcome->get("r"), Value("high"));
  EXPECT_EQ(outcome->get("nobody"), nullptr);
}

TEST(HitPolicyTest, FirstIgnoresPriority) {
  const auto book = book_of(R"(
decision: d
hit_policy: first
rules:
  - {id: a, when: {x: {gt: 1}}, then: {r: a}}
  - {id: b, then: {r: b}}
)");
  EXPECT_EQ(outputs(*book, R"({"x": 2})"), R"({"r":"a"})");
  EXPECT_EQ(outputs(*book, R"({"x": 1})"), R"({"r":"b"})");
}

TEST(HitPolicyTest, UniqueRefusesTwo) {
  const auto book = book_of(R"(
decision: d
hit_policy: unique
rules:
  - {id: a, when: {x: 1}, then: {r: a}}
  - {id: b, when: {y: 1}, then: {r: b}}
)");
  EXPECT_EQ(outputs(*book, R"({"x": 1})"), R"({"r":"a"})");
  EXPECT_EQ(outputs(*book, R"({"y": 1})"), R"({"r":"b"})");
  EXPECT_EQ(
      error_of([&] { outputs(*book, R"({"x": 1, "y": 1})"); }),
      "t.yaml:6:5: the rules \"a\" (t.yaml:5:5) and \"b\" both hold, and the decision \"d\" is "
      "unique. Narrow the conditions of one of them.");
}

TEST(HitPolicyTest, CollectGivesAllInOrder) {
  const auto book = book_of(R"(
decision: d
hit_policy: collect
rules:
  - {id: a, priority: 1, when: {x: 1}, then: {r: a}}
  - {id: b, priority: 9, when: {x: [1, 2]}, then: {r: b}}
  - {id: c, priority: 5, then: {r: c}}
)");
  std::string ids;
  Explanation explanation;
  for (const Outcome& outcome : book->collect("d", facts_of(R"({"x": 2})"), &explanation)) {
    ids += outcome.rule.id;
  }
  EXPECT_EQ(ids, "bc");
  ASSERT_EQ(explanation.rules.size(), 3u);
  EXPECT_EQ(explanation.rules[2].failed_condition, "x: 1 (is 2)");
  EXPECT_EQ(outputs(*book, R"({"x": 1})"), R"({"r":"b"})");
}

TEST(RuleBookTest, UnknownTablesAreNamed) {
  const auto book = book_of("decision: task\nrules: []\n---\nknowledge: labels\nrows: {}\n");
  EXPECT_EQ(error_of([&] { book->decide("tsk", Facts()); }),
            "there is no decision table \"tsk\" in the rules. Did you mean task?");
  EXPECT_EQ(error_of([&] { book->lookup("label", "x"); }),
            "there is no knowledge table \"label\" in the rules. Did you mean labels?");
  EXPECT_TRUE(book->has_decision("task"));
  EXPECT_FALSE(book->has_decision("labels"));
  EXPECT_TRUE(book->has_knowledge("labels"));
  EXPECT_EQ(book->decisions(), std::vector<std::string_view>{"task"});
}

TEST(KnowledgeTest, ExactAndFoldedKeys) {
  const auto book = book_of(R"(
knowledge: exact
rows: {a-b: 1, A: {x: 2}}
---
knowledge: folded
keys: fold
rows: {Sam2-Video: {n: 1}}
)");
  EXPECT_EQ(book->lookup("exact", "a-b")->value, Value(1));
  EXPECT_FALSE(book->lookup("exact", "a_b"));
  EXPECT_FALSE(book->lookup("exact", "a"));
  const auto row = book->lookup("folded", "sam2_VIDEO");
  ASSERT_TRUE(row);
  EXPECT_EQ(row->key, "Sam2-Video");
  EXPECT_EQ(row->place.str(), "t.yaml:7:8");
  EXPECT_EQ(book->keys("exact"), (std::vector<std::string>{"a-b", "A"}));
}

TEST(RecipeTest, TextKeepsItsLines) {
  const auto book = book_of(
      "decision: d\nrules: []\n---\nrecipe: a/b  # x\ngraph: [x]\n---\n"
      "blocks_library: lib\nblocks: {}\n");
  ASSERT_TRUE(book->recipe("a/b"));
  EXPECT_EQ(book->recipe("a/b")->file, "t.yaml");
  EXPECT_EQ(book->recipe("a/b")->text, "\n\n---\nrecipe: a/b  # x\ngraph: [x]\n");
  EXPECT_TRUE(book->block_library("lib"));
  EXPECT_FALSE(book->recipe("lib"));
  EXPECT_EQ(book->recipes(), std::vector<std::string>{"a/b"});
}

class OverlayTest : public testing::Test {
 protected:
  OverlayTest() {
    base_.write("rules/d.yaml", R"(decision: d
hit_policy: priority
rules:
  - {id: a, priority: 10, when: {x: 1}, then: {r: a}}
  - {id: b, priority: 5, then: {r: b}}
)");
    base_.write("rules/knowledge/k.yaml",
                "knowledge: k\nkeys: fold\nrows: {one: {p: 1, q: 2}, two: 2}\n");
    base_.write("rules/graphs/g.yaml", "recipe: g\ngraph: [base]\n");
    base_.write("rules/.hidden.yaml", "not: a rule file\n");
    base_.write("rules/.git/x.yaml", "not: a rule file\n");
    base_.write("rules/schema/s.json", "{}");
    base_.write("rules/empty.yaml", "# nothing yet\n");
  }

  std::shared_ptr<const RuleBook> load(std::vector<std::string> overlays = {}) const {
    RuleBookOptions options;
    options.base = base_.path() / "rules";
    for (const std::string& overlay : overlays) options.overlays.push_back(base_.path() / overlay);
    return RuleBook::load(options);
  }

  Directory base_;
};

TEST_F(OverlayTest, SameIdReplacesNewIdAddsDisabledRemoves) {
  EXPECT_EQ(outputs(*load(), R"({"x": 1})"), R"({"r":"a"})");
  base_.write("o1/mine.yaml", "decision: d\nrules:\n  - {id: a, priority: 1, then: {r: mine}}\n");
  EXPECT_EQ(outputs(*load({"o1"}), R"({"x": 1})"),
            R"({"r":"b"})");  // its priority is the overlay's
  base_.write("o2/mine.yaml", "decision: d\nrules:\n  - {id: b, disabled: true}\n");
  EXPECT_EQ(outputs(*load({"o1", "o2"}), R"({"x": 1})"), R"({"r":"mine"})");
  EXPECT_EQ(outputs(*load({"o2"}), R"({"x": 2})"), "nothing");
  base_.write("o3/mine.yaml", "decision: d\nrules:\n  - {id: c, priority: 10, then: {r: c}}\n");
  EXPECT_EQ(outputs(*load({"o3"}), R"({"x": 1})"), R"({"r":"c"})");  // later layers win ties
}

TEST_F(OverlayTest, RowsAreReplacedWhole) {
  base_.write("o/k.yaml", "knowledge: k\nrows: {ONE: {p: 9}, three: 3}\n");
  const auto book = load({"o"});
  EXPECT_EQ(book->lookup("k", "one")->value.to_json(), R"({"p":9})");
  EXPECT_EQ(book->lookup("k", "two")->value, Value(2));
  EXPECT_EQ(book->lookup("k", "Three")->value, Value(3));
  EXPECT_EQ(book->keys("k"), (std::vector<std::string>{"ONE", "two", "three"}));
}

TEST_F(OverlayTest, AddsTablesAndRecipes) {
  base_.write("o/n.yaml",
              "decision: n\nrules:\n  - {id: a, then: {r: {lookup: {table: m, key: x}}}}\n"
              "---\nknowledge: m\nrows: {v: 7}\n---\nrecipe: g\ngraph: [mine]\n");
  const auto book = load({"o"});
  EXPECT_EQ(outputs(*book, R"({"x": "v"})", "n"), R"({"r":7})");
  EXPECT_NE(book->recipe("g")->text.find("mine"), std::string::npos);
  EXPECT_EQ(load()->recipe("g")->text, "recipe: g\ngraph: [base]\n");
}

TEST_F(OverlayTest, DigestTellsWhatIsInForce) {
  const std::string base = load()->digest();
  EXPECT_EQ(base.size(), 64u);
  EXPECT_EQ(load()->digest(), base);
  base_.write("o/n.yaml", "decision: n\nrules: []\n");
  EXPECT_NE(load({"o"})->digest(), base);
  base_.write("rules/d.yaml", "decision: d\nrules: []\n");
  EXPECT_NE(load()->digest(), base);
}

TEST_F(OverlayTest, ErrorsNameTheOverlaysFile) {
  const struct {
    const char* text;
    const char* error;
  } kCases[] = {
      {"decision: d\nrules:\n  - {id: aa, disabled: true}\n",
       "o/f.yaml:3:10: the decision \"d\" has no rule \"aa\" to disable. Did you mean a?"},
      {"decision: d\nhit_policy: unique\nrules: []\n",
       "o/f.yaml:2:13: the decision \"d\" has another hit policy at "},
      {"knowledge: k\nkeys: exact\nrows: {}\n",
       "o/f.yaml:2:7: `keys` differs from what this table says elsewhere"},
      {"knowledge: k\nrows: {a-b: 1, A_B: 2}\n",
       "o/f.yaml:2:16: the row \"A_B\" is given before, at "},
      {"decison: d\nrules: []\n",
       "o/f.yaml:1:1: the key \"decison\" is no kind of rule file. Did you mean decision?"},
      {"[1, 2]\n", "o/f.yaml:1:1: is no rule file"},
  };
  for (const auto& [text, expected] : kCases) {
    base_.write("o/f.yaml", text);
    const std::string error = error_of([&] { load({"o"}); });
    const std::string prefix = base_.path().string() + "/";
    EXPECT_EQ(error.substr(0, (prefix + expected).size()), prefix + expected);
  }
  EXPECT_NE(error_of([&] { load({"nowhere"}); }).find("is not a directory of rules"),
            std::string::npos);
}

TEST_F(OverlayTest, FollowsLinkedFilesAndSurvivesLoops) {
  base_.write("elsewhere.txt", "decision: linked\nrules: []\n");
  fs::create_symlink(base_.path() / "elsewhere.txt", base_.path() / "rules/linked.yaml");
  fs::create_directory_symlink(base_.path() / "rules", base_.path() / "rules/loop");
  EXPECT_TRUE(load()->has_decision("linked"));
}

TEST(RuleBookTest, ManyThreadsShareOneBook) {
  Directory base;
  base.write("d.yaml",
             "decision: d\nrules:\n  - {id: a, when: {x: {matches: 'a+'}}, then: {r: "
             "{lookup: {table: k, key: x}}}}\n");
  base.write("k.yaml", "knowledge: k\nrows: {aaa: 5}\n");
  const auto book = RuleBook::load({.base = base.path()});
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 500; ++k) {
        const Facts facts = facts_of(k % 2 == 0 ? R"({"x": "aaa"})" : R"({"x": "b"})");
        const auto outcome = book->decide("d", facts);
        right += k % 2 == 0 ? outcome && *outcome->get("r") == Value(5) : !outcome;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 8 * 500);
}

}  // namespace
}  // namespace switchyard
