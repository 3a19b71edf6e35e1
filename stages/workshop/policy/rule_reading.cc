#include "stages/workshop/policy/rule_reading.h"

#include <algorithm>
#include <utility>

#include "engine/rule_catalog.h"
#include "engine/text.h"

namespace switchyard::policy {
namespace {

bool is_word(const YamlNode& node) {
  return node.is_string() && (node.text() == "absent" || node.text() == "present");
}

void collect(const YamlNode& condition, bool plain, bool folds, std::vector<Literal>& out) {
  if (condition.is_list()) {
    for (const YamlNode& item : condition.items()) collect(item, plain, folds, out);
  } else if (condition.is_map()) {
    for (const YamlEntry& entry : condition.entries()) {
      const std::string& op = entry.key;
      if (op == "eq" || op == "ne" || op == "in") collect(entry.value, true, false, out);
      if (op == "iequals" || op == "folds_to") collect(entry.value, true, true, out);
      if (op == "not" || op == "any" || op == "all") collect(entry.value, false, false, out);
    }
  } else if (condition.is_string() && (plain || !is_word(condition))) {
    out.push_back({condition.text(), condition.place(), folds});
  }
}

bool among(std::string_view name, const Columns& columns) {
  return std::ranges::find(columns, name) != columns.end();
}

bool reads_only(const Clause& clause, const Columns& columns) {
  if (clause.kind == Clause::Kind::kColumn) return among(clause.name, columns);
  return std::ranges::all_of(clause.branches, [&](const Conjunction& branch) {
    return std::ranges::all_of(branch, [&](const Clause& c) { return reads_only(c, columns); });
  });
}

}  // namespace

void for_each_clause(const Conjunction& when, const std::function<void(const Clause&)>& use) {
  for (const Clause& clause : when) {
    if (clause.kind == Clause::Kind::kColumn) use(clause);
    for (const Conjunction& branch : clause.branches) for_each_clause(branch, use);
  }
}

std::vector<Literal> literals(const Clause& clause) {
  std::vector<Literal> found;
  if (clause.kind == Clause::Kind::kColumn) collect(clause.source, false, false, found);
  return found;
}

std::vector<Literal> literals(const Conjunction& when, const Columns& columns) {
  std::vector<Literal> found;
  for_each_clause(when, [&](const Clause& clause) {
    if (!among(clause.name, columns)) return;
    for (Literal& literal : literals(clause)) found.push_back(std::move(literal));
  });
  return found;
}

bool asks_for(const Conjunction& when, const Columns& columns) {
  return std::ranges::any_of(when, [&](const Clause& clause) {
    if (clause.kind == Clause::Kind::kColumn) return among(clause.name, columns);
    if (clause.kind == Clause::Kind::kNot) return false;
    return std::ranges::any_of(
        clause.branches, [&](const Conjunction& branch) { return asks_for(branch, columns); });
  });
}

bool asks_null(const Conjunction& when, std::string_view column) {
  const Facts none;
  const Value text("\n");  // no name of anything
  return std::ranges::any_of(when, [&](const Clause& clause) {
    if (clause.kind == Clause::Kind::kAll) {
      return std::ranges::any_of(clause.branches,
                                 [&](const Conjunction& part) { return asks_null(part, column); });
    }
    return clause.kind == Clause::Kind::kColumn && clause.name == column &&
           clause.test.holds(nullptr, none) && !clause.test.holds(&text, none) &&
           literals(clause).empty();
  });
}

bool may_hold(const Conjunction& when, const Facts& facts, const Columns& columns) {
  return std::ranges::all_of(when, [&](const Clause& clause) {
    return !reads_only(clause, columns) || clause.holds(facts);
  });
}

std::optional<LiteralOutput> literal_output(const Rule& rule, std::string_view output) {
  const YamlNode* then = rule.node.find("then");
  const YamlNode* node = then != nullptr ? then->find(output) : nullptr;
  if (node == nullptr) return {};
  if (rule.then.kind == Template::Kind::kLiteral) {
    const Value* value = rule.then.literal.find(output);
    return value != nullptr ? std::optional(LiteralOutput{*value, node->place()}) : std::nullopt;
  }
  for (std::size_t i = 0; i < rule.then.keys.size(); ++i) {
    const Template& item = rule.then.items[i];
    if (rule.then.keys[i] != output || item.kind != Template::Kind::kLiteral) continue;
    return LiteralOutput{item.literal, node->place()};
  }
  return {};
}

const std::vector<Rule>& rules_of(const RuleBook& rules, std::string_view decision) {
  static const std::vector<Rule> kNone;
  const DecisionTable* table = rules.catalog().decision(decision);
  return table != nullptr ? table->rules() : kNone;
}

const Rule* find_rule(const RuleBook& rules, std::string_view decision, std::string_view id) {
  const std::vector<Rule>& all = rules_of(rules, decision);
  const auto found = std::ranges::find(all, id, &Rule::id);
  return found != all.end() ? &*found : nullptr;
}

std::vector<std::string> keys_of(const RuleBook& rules, std::string_view table) {
  return rules.has_knowledge(table) ? rules.keys(table) : std::vector<std::string>();
}

Problem rule_error(std::string kind, std::string_view decision, const Rule& rule, Place place,
                   std::string what, std::string mend) {
  Problem problem;
  problem.place = std::move(place);
  problem.kind = std::move(kind);
  problem.decision = std::string(decision);
  problem.rule = rule.id;
  problem.what = std::move(what);
  problem.mend = std::move(mend);
  return problem;
}

void set_other(Problem& problem, const Rule& other, Place place) {
  problem.other_rule = other.id;
  problem.other_place = place.known() ? std::move(place) : other.node.place();
}

std::string in_quotes(std::string_view name) { return "\"" + shorten(name, 80) + "\""; }

}  // namespace switchyard::policy
