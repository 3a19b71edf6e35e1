#include "stages/workshop/golden/golden_text.h"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "engine/text.h"
#include "stages/workshop/golden/printable.h"

namespace switchyard {
namespace {

constexpr std::size_t kShownBytes = 200;
constexpr std::string_view kRed = "\033[31m";
constexpr std::string_view kGreen = "\033[32m";
constexpr std::string_view kBold = "\033[1m";
constexpr std::string_view kPlain = "\033[0m";

std::string coloured(std::string text, std::string_view colour, bool wanted) {
  if (!wanted) return text;
  return std::string(colour) + text + std::string(kPlain);
}

// A whole outcome in a few words; any other value as JSON.
std::string value_text(const Value& value) {
  if (const Value* error = value.find("error")) return "error " + error->to_json();
  const Value* task = value.find("task");
  const Value* model_class = value.find("model_class");
  if (task != nullptr && model_class != nullptr) {
    return "task " + task->to_json() + ", model_class " + model_class->to_json();
  }
  if (value.is_null()) return "nothing";
  return shorten(value.to_json(), kShownBytes);
}

std::string rule_text(const std::optional<Responsible>& rule) {
  if (!rule) return {};
  std::string text = rule->id;
  if (rule->place.known()) {
    text += " at " + rule->place.file + ":" + std::to_string(rule->place.line);
  }
  if (!rule->fate.empty()) text += ", " + rule->fate;
  return printable(text);
}

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(width > text.size() ? width - text.size() : 0, ' ');
}

std::string difference_text(const GoldenDifference& difference, bool colour) {
  const bool is_whole = difference.field == "expect";
  const bool is_new = is_whole && difference.expected.is_null() && !difference.before;
  std::string text = "  " + (is_whole ? std::string("outcome") : printable(difference.field));
  if (is_new) text += " (nothing is expected yet)";
  text += '\n';
  const std::string was = value_text(difference.expected);
  const std::string is = value_text(difference.actual);
  // Rules stand in a column of their own while the values are short.
  const std::size_t width = std::min<std::size_t>(std::max(was.size(), is.size()), 40);
  const auto side = [&](char mark, const std::string& value, const std::optional<Responsible>& rule,
                        std::string_view paint) {
    const std::string by = rule_text(rule);
    const std::string shown = by.empty() ? value : padded(value, width);
    text += "    " + coloured(std::string(1, mark) + ' ' + shown, paint, colour);
    if (!by.empty()) text += "  " + by;
    text += '\n';
  };
  if (!is_new) side('-', was, difference.before, kRed);
  side('+', is, difference.after, kGreen);
  return text;
}

std::string coverage_text(const CoverageReport& coverage) {
  std::string text;
  for (const CoverageReport::Table& table : coverage.tables) {
    if (table.never_won.empty()) continue;
    text += "  " + table.decision + " (" + std::to_string(table.never_won.size()) + " of " +
            std::to_string(table.rules) + ")\n";
    std::size_t width = 0;
    for (const RuleRef& rule : table.never_won) width = std::max(width, rule.id.size());
    for (const RuleRef& rule : table.never_won) {
      text += "    " + padded(std::string(rule.id), width) + "  " + std::string(rule.file) + ":" +
              std::to_string(rule.line) + '\n';
    }
  }
  return text.empty() ? text : "rules that no case exercises:\n" + text;
}

std::string count_text(std::size_t count, const char* one, const char* many) {
  return std::to_string(count) + ' ' + (count == 1 ? one : many);
}

}  // namespace

std::string golden_result_text(const GoldenResult& result, bool colour) {
  std::string text =
      coloured(result.file + ":" + std::to_string(result.line) + ": " + printable(result.name),
               kBold, colour) +
      '\n';
  for (const GoldenDifference& difference : result.differences) {
    text += difference_text(difference, colour);
  }
  return text;
}

std::string coverage_sentence(const CoverageReport& coverage) {
  char share[32];
  // Never rounded up to what is not reached.
  std::snprintf(share, sizeof share, "%.1f",
                static_cast<double>(static_cast<long>(coverage.percent() * 10)) / 10);
  return std::to_string(coverage.won) + " of " + count_text(coverage.rules, "rule", "rules") +
         " (" + share + " %)";
}

std::string golden_text(const GoldenReport& report, bool colour) {
  std::string text;
  for (const GoldenResult& result : report.cases) {
    if (!result.differences.empty()) text += golden_result_text(result, colour) + '\n';
  }
  if (report.coverage) {
    const std::string list = coverage_text(*report.coverage);
    text += list.empty() ? list : list + '\n';
  }
  const std::size_t failed = report.failed();
  text += count_text(report.cases.size(), "case", "cases") + ", ";
  text += failed == 0 ? "all as expected" : count_text(failed, "differs", "differ");
  if (!report.updated.empty()) {
    text += "; " + count_text(report.updated.size(), "file", "files") + " updated";
  }
  text += '\n';
  if (report.coverage) {
    text += "the cases exercise " + coverage_sentence(*report.coverage);
    if (report.below_threshold()) {
      char least[32];
      std::snprintf(least, sizeof least, "%g", *report.threshold);
      text += std::string(", less than the ") + least + " % asked for";
    }
    text += '\n';
  }
  return text;
}

}  // namespace switchyard
