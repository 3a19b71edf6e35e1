// Golden reports as JSON, TAP and JUnit XML.
#include "stages/workshop/golden/golden_formats.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "stages/workshop/golden/golden_text.h"
#include "tests/resolve/support.h"

namespace switchyard {
namespace {

// One case that passes and one that differs, with everything in it that must be escaped.
GoldenReport nasty_report() {
  GoldenReport report;
  report.cases.push_back({"g/a.jsonl", 1, "passes", {}});
  GoldenDifference difference;
  difference.file = "g/a.jsonl";
  difference.line = 2;
  difference.name = "a <b> & \"c\" # skip \\ 'd'\n\x01\x1b[31m \xff \xef\xbf\xbe]]>";
  difference.field = "task";
  difference.expected = Value("<x>\n");
  difference.actual = Value("]]>&\x02");
  difference.before = Responsible{"task", "old\x07rule", {}, "no longer in force"};
  difference.after = Responsible{"task", "new", {"r.yaml", 3, 5}, {}};
  report.cases.push_back({"g/a.jsonl", 2, difference.name, {difference}});
  report.cases.push_back({"g/b.jsonl", 1, "also passes", {}});
  return report;
}

GoldenReport with_coverage(GoldenReport report) {
  CoverageReport coverage;
  coverage.rules = 3;
  coverage.won = 2;
  coverage.tables.push_back({"task", 3, {RuleRef{"x<y", "", "r.yaml", 9, 5}}});
  report.coverage = coverage;
  report.threshold = 90;
  return report;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(GoldenFormats, TapIsOneLineATest) {
  const std::string tap = golden_tap(with_coverage(nasty_report()));
  EXPECT_TRUE(tap.starts_with("TAP version 13\n1..4\nok 1 - g/a.jsonl:1 passes\nnot ok 2 - "))
      << tap;
  // A description neither ends its line nor begins a directive.
  EXPECT_TRUE(has(tap, "not ok 2 - g/a.jsonl:2 a <b> & \"c\" \\# skip \\\\ 'd'??")) << tap;
  EXPECT_TRUE(has(tap, "  ---\n  file: \"g/a.jsonl\"\n  line: 2\n")) << tap;
  EXPECT_TRUE(has(tap, "      rule_now: \"new at r.yaml:3:5\"\n  ...\n")) << tap;
  EXPECT_TRUE(has(tap, "ok 3 - g/b.jsonl:1 also passes\n")) << tap;
  EXPECT_TRUE(has(tap, "not ok 4 - the cases exercise 2 of 3 rules (66.6 %)\n")) << tap;
  for (const char c : tap) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
}

TEST(GoldenFormats, JunitEscapes) {
  const std::string xml = golden_junit(with_coverage(nasty_report()));
  EXPECT_TRUE(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites ")) << xml;
  EXPECT_TRUE(has(xml, "tests=\"4\" failures=\"2\"")) << xml;
  EXPECT_TRUE(has(xml, "<testsuite name=\"g/a.jsonl\" tests=\"2\" failures=\"1\"")) << xml;
  EXPECT_TRUE(has(xml, "<testsuite name=\"coverage\" tests=\"1\" failures=\"1\"")) << xml;
  EXPECT_TRUE(has(xml, "name=\"a &lt;b&gt; &amp; &quot;c&quot; # skip")) << xml;
  EXPECT_TRUE(has(xml, "task: x&lt;y at r.yaml:9:5")) << xml;
  EXPECT_TRUE(has(xml, "\xEF\xBF\xBD")) << "bytes that are no UTF-8";
  EXPECT_FALSE(has(xml, "\xEF\xBF\xBE"));
  for (const char c : xml) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
  // Outside markup no bare < and no &amp;-less &; every opened element is closed.
  for (const char* element : {"testsuites", "testsuite", "failure"}) {
    const auto count = [&](const std::string& part) {
      std::size_t n = 0;
      for (auto at = xml.find(part); at != std::string::npos; at = xml.find(part, at + 1)) ++n;
      return n;
    };
    EXPECT_EQ(count("<" + std::string(element) + " "), count("</" + std::string(element) + ">"));
  }
}

TEST(GoldenFormats, JsonHasEverything) {
  const Value report = json(golden_json(with_coverage(nasty_report())).to_json());
  EXPECT_EQ(*report.find("cases"), Value(3));
  EXPECT_EQ(*report.find("failed"), Value(1));
  EXPECT_EQ(*report.find_path("results.0.passed"), Value(true));
  EXPECT_EQ(*report.find_path("results.1.differences.0.actual"), Value("]]>&\x02"));
  EXPECT_EQ(*report.find_path("results.1.differences.0.before.fate"), Value("no longer in force"));
  EXPECT_EQ(*report.find_path("results.1.differences.0.before.line"), Value());
  EXPECT_EQ(*report.find_path("results.1.differences.0.after.line"), Value(3));
  EXPECT_EQ(*report.find_path("coverage.threshold"), Value(90.0));
  EXPECT_EQ(*report.find_path("coverage.tables.0.not_exercised.0.rule"), Value("x<y"));
  EXPECT_EQ(*golden_json(nasty_report()).find("coverage"), Value());
}

TEST(GoldenFormats, TextSumsUp) {
  const std::string text = golden_text(with_coverage(nasty_report()), false);
  EXPECT_TRUE(has(text, "rules that no case exercises:\n  task (1 of 3)\n    x<y  r.yaml:9\n"))
      << text;
  EXPECT_TRUE(
      text.ends_with("3 cases, 1 differs\nthe cases exercise 2 of 3 rules (66.6 %), less than "
                     "the 90 % asked for\n"))
      << text;
  // Nothing of a file reaches the terminal as a command.
  EXPECT_TRUE(std::none_of(text.begin(), text.end(), [](char c) {
    return c != '\n' && static_cast<unsigned char>(c) < 0x20;
  })) << text;
  GoldenReport passed;
  passed.cases.push_back({"a", 1, "b", {}});
  EXPECT_EQ(golden_text(passed, true), "1 case, all as expected\n");
}

}  // namespace
}  // namespace switchyard
