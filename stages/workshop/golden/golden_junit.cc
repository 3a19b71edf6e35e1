#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/text.h"
#include "stages/workshop/golden/golden_formats.h"
#include "stages/workshop/golden/golden_text.h"

namespace switchyard {
namespace {

// Text inside an element or an attribute: what XML can't hold is left out, bytes that are no UTF-8
// become U+FFFD.
std::string escaped(std::string_view text) {
  std::string xml;
  xml.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view character = text.substr(0, length == 0 ? 1 : length);
    text.remove_prefix(character.size());
    const auto byte = static_cast<unsigned char>(character.front());
    if (length == 0) {
      xml += "\xEF\xBF\xBD";
    } else if (character == "&") {
      xml += "&amp;";
    } else if (character == "<") {
      xml += "&lt;";
    } else if (character == ">") {
      xml += "&gt;";
    } else if (character == "\"") {
      xml += "&quot;";
    } else if (character == "\n" || character == "\t") {
      xml += character == "\n" ? "&#10;" : "&#9;";
    } else if (byte < 0x20 || character == "\xEF\xBF\xBE" || character == "\xEF\xBF\xBF") {
      continue;
    } else {
      xml += character;
    }
  }
  return xml;
}

std::string attribute(std::string_view name, std::string_view value) {
  return ' ' + std::string(name) + "=\"" + escaped(value) + '"';
}

std::string counts(std::size_t tests, std::size_t failures) {
  return attribute("tests", std::to_string(tests)) +
         attribute("failures", std::to_string(failures)) + attribute("errors", "0") +
         attribute("skipped", "0");
}

std::string failure(const std::string& message, const std::string& text) {
  return "      <failure" + attribute("message", message) + attribute("type", "difference") + '>' +
         escaped(text) + "</failure>\n";
}

std::string test_case(const GoldenResult& result) {
  std::string xml = "    <testcase" + attribute("name", result.name) +
                    attribute("classname", result.file) + attribute("file", result.file) +
                    attribute("line", std::to_string(result.line)) + attribute("time", "0");
  if (result.differences.empty()) return xml + "/>\n";
  std::vector<std::string> fields;
  for (const GoldenDifference& difference : result.differences) fields.push_back(difference.field);
  return xml + ">\n" +
         failure(join_names(fields) + (fields.size() == 1 ? " differs" : " differ"),
                 golden_result_text(result, /*colour=*/false)) +
         "    </testcase>\n";
}

std::string suite(std::string_view name, std::size_t tests, std::size_t failures,
                  const std::string& cases) {
  return "  <testsuite" + attribute("name", name) + counts(tests, failures) +
         attribute("time", "0") + ">\n" + cases + "  </testsuite>\n";
}

std::string coverage_suite(const GoldenReport& report) {
  const bool failed = report.below_threshold();
  const std::string sentence = "the cases exercise " + coverage_sentence(*report.coverage);
  std::string unused;
  for (const CoverageReport::Table& table : report.coverage->tables) {
    for (const RuleRef& rule : table.never_won) {
      unused += table.decision + ": " + std::string(rule.id) + " at " + rule.place().str() + '\n';
    }
  }
  std::string xml = "    <testcase" + attribute("name", "coverage threshold") +
                    attribute("classname", "coverage") + attribute("time", "0");
  xml += failed ? ">\n" + failure(sentence, unused) + "    </testcase>\n" : std::string("/>\n");
  return suite("coverage", 1, failed ? 1 : 0, xml);
}

}  // namespace

std::string golden_junit(const GoldenReport& report) {
  std::string suites;
  for (std::size_t i = 0; i < report.cases.size();) {
    const std::string& file = report.cases[i].file;
    std::string cases;
    std::size_t tests = 0, failures = 0;
    for (; i < report.cases.size() && report.cases[i].file == file; ++i) {
      ++tests;
      failures += report.cases[i].differences.empty() ? 0 : 1;
      cases += test_case(report.cases[i]);
    }
    suites += suite(file, tests, failures, cases);
  }
  std::size_t tests = report.cases.size(), failures = report.failed();
  if (report.threshold) {
    suites += coverage_suite(report);
    ++tests;
    failures += report.below_threshold() ? 1 : 0;
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" +
         attribute("name", "switchyard rules test") + counts(tests, failures) +
         attribute("time", "0") + ">\n" + suites + "</testsuites>\n";
}

}  // namespace switchyard
