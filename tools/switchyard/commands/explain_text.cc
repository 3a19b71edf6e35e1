#include <algorithm>
#include <map>
#include <string_view>

#include "engine/text.h"
#include "stages/workshop/printable.h"
#include "tools/switchyard/commands/explain.h"
#include "tools/switchyard/text_table.h"

namespace switchyard {
namespace {

constexpr std::size_t kShownBytes = 100;
constexpr std::size_t kColumn = 11;      // where what stands under a title begins
constexpr std::size_t kWorthALine = 4;   // more losers than this at one column are summed up
constexpr std::size_t kShownOfMany = 2;  // and so many of them shown: those that came nearest

std::string shown(const Value& value) { return shorten(value.to_json(), kShownBytes); }

std::string bold(std::string text, bool colour) {
  return colour ? "\033[1m" + text + "\033[0m" : text;
}

// A block of lines, the title before the first.
std::string titled(std::string_view title, const std::string& lines) {
  if (lines.empty()) return {};
  std::string text = lines;
  return text.replace(2, title.size(), title);
}

std::string facts_text(const Question& question) {
  TextTable table;
  for (const FactRead& fact : question.explanation.facts) {
    table.add({fact.path, fact.value ? shown(*fact.value) : "not set"});
  }
  return titled("facts", table.str(kColumn));
}

// The losers that are shown one by one, in the order of the table; the others are counted by the
// column at which they fail.
struct Losers {
  std::vector<const Considered*> shown;
  std::map<std::string, std::size_t> more;
};

Losers losers_of(const Question& question, bool all) {
  std::map<std::string_view, std::vector<const Considered*>> by_column;
  for (const Considered& rule : question.explanation.rules) {
    if (!rule.held) by_column[rule.failed_column].push_back(&rule);
  }
  Losers losers;
  std::vector<const Considered*> hidden;
  for (auto& [column, rules] : by_column) {
    if (all || rules.size() <= kWorthALine) continue;
    std::stable_sort(rules.begin(), rules.end(), [](const Considered* a, const Considered* b) {
      return a->conditions - a->conditions_held < b->conditions - b->conditions_held;
    });
    hidden.insert(hidden.end(), rules.begin() + kShownOfMany, rules.end());
    losers.more[std::string(column)] = rules.size() - kShownOfMany;
  }
  for (const Considered& rule : question.explanation.rules) {
    if (rule.won && !question.instead) continue;
    if (std::find(hidden.begin(), hidden.end(), &rule) == hidden.end()) {
      losers.shown.push_back(&rule);
    }
  }
  return losers;
}

std::string fate(const Considered& rule) {
  if (rule.won) return "held, but was not used";
  return rule.held ? "held, but was outranked" : printable(rule.failed_condition);
}

std::string more_text(const Question& question, const std::string& column, std::size_t count) {
  const std::string many = std::to_string(count) + " more ";
  const auto& facts = question.explanation.facts;
  const auto read = std::find_if(facts.begin(), facts.end(),
                                 [&](const FactRead& fact) { return fact.path == column; });
  if (read == facts.end()) return many + "fail at `" + column + "`";
  return many +
         (read->value ? "ask for another " + column : "ask for " + column + ", which is not set");
}

std::string losers_text(const Question& question, bool all) {
  const Losers losers = losers_of(question, all);
  TextTable table;
  for (const Considered* rule : losers.shown) {
    table.add({std::string(rule->rule.id), std::to_string(rule->priority), fate(*rule)});
  }
  table.align_right(1);
  std::string lines = table.str(kColumn);
  for (const auto& [column, count] : losers.more) {
    lines += std::string(kColumn, ' ') + more_text(question, column, count) + '\n';
  }
  return titled("lost", lines);
}

std::string warnings_text(const Question& question) {
  std::string lines;
  for (const Outcome& outcome : question.outcomes) {
    for (const std::string& warning : outcome.warnings) {
      lines += std::string(kColumn, ' ') + printable(warning) + '\n';
    }
  }
  return titled("warning", lines);
}

std::string question_text(const Question& question, const ExplainStyle& style) {
  std::string title = question.decision;
  if (!question.purpose.empty()) title += " (" + question.purpose + ")";
  const std::vector<std::string> by = deciders(question);
  std::string text = bold(title, style.colour) + ": " +
                     (by.empty() ? "no rule holds" : shown(question.value())) + '\n';
  std::string lines;
  for (const std::string& decider : by) lines += std::string(kColumn, ' ') + decider + '\n';
  return text + titled("by", lines) + warnings_text(question) + facts_text(question) +
         losers_text(question, style.all_losers);
}

}  // namespace

std::vector<std::string> deciders(const Question& question) {
  std::vector<std::string> texts;
  const auto add = [&](std::string_view rule, std::string_view source, const Place& place) {
    std::string text(rule.empty() ? "no rule" : rule);
    if (!source.empty()) text += " (" + std::string(source) + ")";
    if (place.known()) text += ", " + place.str();
    texts.push_back(std::move(text));
  };
  if (question.instead) {
    add(question.instead->rule_id, question.instead->source, question.instead->place);
    return texts;
  }
  for (const Outcome& outcome : question.outcomes) {
    add(outcome.rule.id, outcome.rule.source, outcome.rule.place());
  }
  return texts;
}

std::string explanation_text(const std::vector<const Question*>& questions,
                             const ExplainStyle& style) {
  std::string text;
  for (const Question* question : questions) {
    if (!text.empty()) text += '\n';
    text += question_text(*question, style);
  }
  return text;
}

}  // namespace switchyard
