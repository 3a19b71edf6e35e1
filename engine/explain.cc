#include "engine/explain.h"

#include <string_view>
#include <unordered_set>

#include "engine/text.h"

namespace switchyard {

namespace {

constexpr std::size_t kShownBytes = 80;  // of a condition, and of each value

// YAML as a person would write it on one line.
std::string flow_text(const YamlNode& node) {
  std::string text;
  if (node.is_list()) {
    for (const YamlNode& item : node.items()) {
      text += text.empty() ? "[" : ", ";
      text += flow_text(item);
    }
    return text.empty() ? "[]" : text + ']';
  }
  if (node.is_map()) {
    for (const YamlEntry& entry : node.entries()) {
      text += text.empty() ? "{" : ", ";
      text += entry.key + ": " + flow_text(entry.value);
    }
    return text.empty() ? "{}" : text + '}';
  }
  if (node.is_null()) return "null";
  return node.is_quoted() ? node.value().to_json() : node.text();
}

// "is not set", "is \"bert\"".
std::string state_of(const Value* value) {
  return value == nullptr ? "is not set" : "is " + shorten(value->to_json(), kShownBytes);
}

void list_columns(const Test& test, std::vector<const Column*>& columns) {
  if (test.operand_fact) columns.push_back(&*test.operand_fact);
  for (const Test& part : test.parts) list_columns(part, columns);
}

void list_columns(const Conjunction& conditions, std::vector<const Column*>& columns) {
  for (const Clause& clause : conditions) list_columns(clause, columns);
}

// The facts that were looked at, each once, in the order in which they first were.
class FactReader {
 public:
  FactReader(const Facts& facts, std::vector<FactRead>& read) : facts_(facts), read_(read) {}

  template <typename Reads>
  void note(const Reads& reads) {
    columns_.clear();
    list_columns(reads, columns_);
    for (const Column* column : columns_) {
      if (!seen_.insert(column->path()).second) continue;
      const Value* value = column->read(facts_);
      read_.push_back({column->path(), value != nullptr ? std::optional(*value) : std::nullopt});
    }
  }

 private:
  const Facts& facts_;
  std::vector<FactRead>& read_;
  std::unordered_set<std::string_view> seen_;
  std::vector<const Column*> columns_;
};

Considered consider(const Rule& rule, const Facts& facts, FactReader& reader) {
  Considered considered;
  considered.rule = rule.ref();
  considered.priority = rule.priority;
  considered.conditions = rule.when.size();
  considered.held = true;
  for (const Clause& clause : rule.when) {
    // What stands behind the first condition that fails had no part in it.
    if (considered.held) reader.note(clause);
    if (clause.holds(facts)) {
      ++considered.conditions_held;
      continue;
    }
    if (considered.held) {
      considered.failed_condition = clause.explain(facts);
      considered.failed_column = clause.name;
      considered.failed_place = clause.source.place();
    }
    considered.held = false;
  }
  return considered;
}

}  // namespace

void list_columns(const Clause& clause, std::vector<const Column*>& columns) {
  if (clause.kind == Clause::Kind::kColumn) columns.push_back(&clause.column);
  list_columns(clause.test, columns);
  for (const Conjunction& branch : clause.branches) list_columns(branch, columns);
}

void list_columns(const Format& text, std::vector<const Column*>& columns) {
  for (const Format::Part& part : text.parts) {
    if (part.fact) columns.push_back(&*part.fact);
  }
}

void list_columns(const Template& output, std::vector<const Column*>& columns) {
  const Template::Kind kind = output.kind;
  if (kind == Template::Kind::kFact || kind == Template::Kind::kFirst) {
    columns.push_back(&output.column);
  }
  list_columns(output.format, columns);
  for (const Template& item : output.items) list_columns(item, columns);
  for (const Format& step : output.field) list_columns(step, columns);
}

std::string Clause::explain(const Facts& facts) const {
  std::string text = name + ": " + shorten(flow_text(source), kShownBytes);
  std::vector<const Column*> columns;
  list_columns(*this, columns);
  std::string states;
  std::unordered_set<std::string_view> said;
  for (const Column* read : columns) {
    if (!said.insert(read->path()).second) continue;
    states += states.empty() ? "" : ", ";
    if (read != &column) states += read->path() + ' ';
    states += state_of(read->read(facts));
  }
  return states.empty() ? text : text + " (" + states + ')';
}

Explanation explain_rules(const std::vector<Rule>& rules, const Facts& facts, bool all_win) {
  Explanation explanation;
  FactReader reader(facts, explanation.facts);
  bool is_won = false;
  for (const Rule& rule : rules) {
    Considered considered = consider(rule, facts, reader);
    considered.won = considered.held && (all_win || !is_won);
    if (considered.won) {
      is_won = true;
      reader.note(rule.then);
      for (const Warning& warning : rule.warnings) {
        reader.note(warning.when);
        reader.note(warning.text);
      }
    }
    explanation.rules.push_back(std::move(considered));
  }
  return explanation;
}

}  // namespace switchyard
