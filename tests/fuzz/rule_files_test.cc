// The fuzz target over its seeds, over what fuzzing once found, and over texts made to hurt: no
// crash, no hang, bounded memory.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <time.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace switchyard {
namespace {

namespace fs = std::filesystem;

#if defined(__SANITIZE_ADDRESS__)
constexpr double kSlower = 8;
constexpr bool kMeasuresMemory = false;  // the sanitizer's own memory counts
#else
constexpr double kSlower = 1;
constexpr bool kMeasuresMemory = true;
#endif

// What a text may cost before it counts as a hang: seconds of a core. Far above what it takes (1 to
// 6), because machines differ.
constexpr double kMostSeconds = 60;
constexpr long kMostKiB = 1536L << 10;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void feed(const std::string& text) {
  const double start = cpu_seconds();
  EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()),
            0);

  EXPECT_LT(cpu_seconds() - start, kMostSeconds * kSlower);
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  if (kMeasuresMemory) {
    EXPECT_LT(used.ru_maxrss, kMostKiB);
  }
}

TEST(RuleFilesFuzz, SeedsAndWhatFuzzingFound) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(SWITCHYARD_SOURCE_DIR "/tests/fuzz/rule_files")) {
    SCOPED_TRACE(entry.path().filename().string());
    std::ifstream in(entry.path(), std::ios::binary);
    feed({std::istreambuf_iterator<char>(in), {}});
    ++count;
  }
  EXPECT_GE(count, 10u);
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

std::string alias_bomb() {
  std::string text = "knowledge: k\nrows:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 40; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "  a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 1; k < 10; ++k) text += ", " + before;
    text += "]\n";
  }
  return text;
}

std::string nested_conditions(std::size_t depth) {
  return "decision: d\nrules:\n- id: a\n  when: " + repeated("{not: ", depth) + "{x: 1}" +
         std::string(depth, '}') + "\n  then: {t: 1}\n";
}

std::string rules(std::size_t count, const std::string& when) {
  std::string text = "decision: d\nrules:\n";
  for (std::size_t i = 0; i < count; ++i) {
    text += "- {id: r" + std::to_string(i) + ", when: {" + when +
            "}, then: {t: " + std::to_string(i) + "}}\n";
  }
  return text;
}

TEST(RuleFilesFuzz, TextsMadeToHurt) {
  struct Case {
    const char* name;
    std::string text;
  };
  const std::size_t kMillion = 1'000'000;
  const Case cases[] = {
      {"an alias bomb", alias_bomb()},
      {"an alias of itself", "knowledge: k\nrows: {a: &a [*a]}\n"},
      {"deep lists", "knowledge: k\nrows: {a: " + std::string(100'000, '[') + "}\n"},
      {"deep maps", "knowledge: k\nrows: " + repeated("{a: ", 100'000)},
      {"deep blocks",
       [] {
         std::string text = "knowledge: k\nrows:\n";
         for (std::size_t i = 1; i < 2'000; ++i) text += std::string(i, ' ') + "a:\n";
         return text;
       }()},
      {"deep conditions", nested_conditions(90)},
      {"conditions deeper than YAML may nest", nested_conditions(20'000)},
      {"a huge scalar", "knowledge: k\nrows: {a: " + std::string(2 * kMillion, 'x') + "}\n"},
      {"a huge key", "knowledge: k\nrows:\n  " + std::string(2 * kMillion, 'k') + ": 1\n"},
      {"a huge name", "decision: " + std::string(2 * kMillion, 'd') + "\nrules: []\n"},
      {"a huge quoted text that never ends", "decision: \"" + std::string(kMillion, 'd')},
      {"a huge column", rules(1, std::string(kMillion, 'c') + ": 1")},
      {"a column of a million parts", rules(1, repeated("a.", 50'000) + "b: 1")},
      {"many documents", repeated("---\ndecision: d\nrules: []\n", 20'000)},
      {"many empty documents", repeated("---\n", 500'000)},
      {"many documents of nothing known", repeated("---\na: b\n", 20'000)},
      {"many rows",
       [] {
         std::string text = "knowledge: k\nrows:\n";
         for (int i = 0; i < 100'000; ++i) text += "  r" + std::to_string(i) + ": {a: 1}\n";
         return text;
       }()},
      {"many list items", "knowledge: k\nrows: {a: [" + repeated("1,", 400'000) + "]}\n"},
      {"many rules that always hold", rules(300, "x: present")},
      {"many regular expressions", rules(100, "x: {matches: '(a|b)*c.*d'}")},
      {"a regular expression that explodes",
       rules(1, "x: {matches: '((a{1,100}){1,100}){1,100}'}")},
      {"a long regular expression", rules(1, "x: {matches: '" + repeated("(a|b)", 50'000) + "'}")},
      {"bytes that are no UTF-8", "decision: \xff\xfe\nrules: [{id: \xc3\x28, then: {t: \x80}}]\n"},
      {"zeros", std::string("decision: d\0\0\nrules: \0[]\n", 26)},
      {"UTF-16", std::string("\xff\xfe"
                             "d\0e\0c\0",
                             8)},
      {"only a byte order mark", "\xef\xbb\xbf"},
      {"nothing", ""},
      {"tabs", "decision:\td\nrules:\n\t- {id: a}\n"},
      {"tags and merges", "decision: !!binary d\nrules: [{<<: {a: 1}, id: !x a}]\n"},
      {"formats with braces",
       "decision: d\nrules: [{id: a, then: {t: {format: '" + repeated("{", 10'000) + "'}}}]\n"},
      {"lookups in lookups", "decision: d\nrules: [{id: a, then: {t: {lookup: {table: k, key: " +
                                 repeated("{first: ", 80) + "x" + std::string(80, '}') + "}}}}]\n"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    feed(c.text);
  }
}

}  // namespace
}  // namespace switchyard
