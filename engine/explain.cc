#include "engine/explain.h"

#include <string_view>
#include <unordered_set>

#include "engine/column_uses.h"
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

// The facts that were looked at, each once, in the order in which they first were.
class FactReader {
 public:
  FactReader(const Facts& facts, std::vector<FactRead>& read) : facts_(facts), read_(read) {}

  template <typename Reads>
  void note(const Reads& reads) {
    uses_.clear();
    list_columns(reads, uses_);
    for (const auto& [column, clause, at] : uses_) {
      if (!seen_.insert(column->path()).second) continue;
      const Value* value = column->read(facts_);
      read_.push_back({column->path(), value != nullptr ? std::optional(*value) : std::nullopt});
    }
  }

 private:
  const Facts& facts_;
  std::vector<FactRead>& read_;
  std::unordered_set<std::string_view> seen_;
  std::vector<ColumnUse> uses_;
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

std::string Clause::explain(const Facts& facts) const {
  std::string text = name + ": " + shorten(flow_text(source), kShownBytes);
  std::vector<ColumnUse> uses;
  list_columns(*this, uses);
  std::string states;
  std::unordered_set<std::string_view> said;
  for (const auto& [read, clause, at] : uses) {
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
      for (const Warning& warning : rule.warnings) reader.note(warning);
    }
    explanation.rules.push_back(std::move(considered));
  }
  return explanation;
}

}  // namespace switchyard
