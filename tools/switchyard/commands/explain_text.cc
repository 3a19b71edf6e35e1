#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/text.h"
#include "stages/workshop/golden/printable.h"
#include "tools/switchyard/commands/explain.h"
#include "tools/switchyard/text_table.h"

namespace switchyard {
namespace {

constexpr std::size_t kShownBytes = 100;
constexpr std::size_t kColumn = 11;      // where what stands under a title begins
constexpr std::size_t kWorthALine = 4;   // more losers than this at one column are summed up
constexpr std::size_t kShownOfMany = 1;  // and so many of them shown: what came nearest

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

// Priorities say nothing where all are the same.
bool has_priorities(const Question& question) {
  const std::vector<Considered>& rules = question.explanation.rules;
  return std::any_of(rules.begin(), rules.end(), [&](const Considered& rule) {
    return rule.priority != rules.front().priority;
  });
}

// "head/architecture (tasks-manager), priority 500, rules/tasks.yaml:118:5"
std::string decider_text(std::string_view rule, std::string_view source,
                         std::optional<int> priority, const Place& place) {
  std::string text(rule.empty() ? "no rule" : rule);
  if (!source.empty()) text += " (" + std::string(source) + ")";
  if (priority) text += ", priority " + std::to_string(*priority);
  if (place.known()) text += ", " + place.str();
  return text;
}

// Who decided, whatever it was: several where a table collects, none where no rule holds.
std::vector<std::string> deciders(const Question& question) {
  if (question.instead) {
    const Decision& instead = *question.instead;
    return {decider_text(instead.rule_id, instead.source, {}, instead.place)};
  }
  std::vector<std::string> texts;
  for (const Considered& rule : question.explanation.rules) {
    if (!rule.won) continue;
    const std::optional<int> priority =
        has_priorities(question) ? std::optional(rule.priority) : std::nullopt;
    texts.push_back(decider_text(rule.rule.id, rule.rule.source, priority, rule.rule.place()));
  }
  return texts;
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
  const bool priorities = has_priorities(question);
  TextTable table;
  for (const Considered* rule : losers.shown) {
    std::vector<std::string> row{std::string(rule->rule.id)};
    if (priorities) row.push_back(std::to_string(rule->priority));
    row.push_back(fate(*rule));
    table.add(std::move(row));
  }
  if (priorities) table.align_right(1);
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
