// Reading rules as they stand: which names a condition compares a column with, what an output says
// literally, and problems with their place.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/problem.h"
#include "engine/rule.h"
#include "engine/rule_book.h"

namespace switchyard::policy {

// A text that a condition compares its column with.
struct Literal {
  std::string text;
  Place place;
  bool folds = false;  // letter case (and -/_) of it do not matter
};

using Columns = std::vector<std::string_view>;

// Every condition on one of `columns`, inside any, all and not as well.
void for_each_clause(const Conjunction& when, const std::function<void(const Clause&)>& use);
std::vector<Literal> literals(const Clause& clause);
std::vector<Literal> literals(const Conjunction& when, const Columns& columns);

// Whether the conditions ask for one of the columns, other than to rule something out.
bool asks_for(const Conjunction& when, const Columns& columns);
// Whether one of the conditions holds only while nothing is set (null) in the column.
bool asks_null(const Conjunction& when, std::string_view column);
// Whether the conditions hold for the facts, as far as they read nothing but `columns`.
bool may_hold(const Conjunction& when, const Facts& facts, const Columns& columns);

// What the rule gives literally for an output, with its place; nothing for references to facts.
struct LiteralOutput {
  Value value;
  Place place;
};
std::optional<LiteralOutput> literal_output(const Rule& rule, std::string_view output);

// The rules of a decision, best first; empty when there is no such decision.
const std::vector<Rule>& rules_of(const RuleBook& rules, std::string_view decision);
const Rule* find_rule(const RuleBook& rules, std::string_view decision, std::string_view id);

// All keys of a knowledge table; empty when there is no such table.
std::vector<std::string> keys_of(const RuleBook& rules, std::string_view table);

// An error of a rule; `place` is where it is to be mended.
Problem rule_error(std::string kind, std::string_view decision, const Rule& rule, Place place,
                   std::string what, std::string mend);
void set_other(Problem& problem, const Rule& other, Place place = {});

// "no rule of calibration", the model types or tasks as people quote them.
std::string in_quotes(std::string_view name);

}  // namespace switchyard::policy
