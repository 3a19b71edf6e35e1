#include "engine/column_uses.h"

namespace switchyard {

namespace {

void list_columns(const Test& test, const YamlNode& at, std::vector<ColumnUse>& uses) {
  if (test.operand_fact) uses.push_back({&*test.operand_fact, nullptr, &at});
  for (const Test& part : test.parts) list_columns(part, at, uses);
}

void list_columns(const Format& text, const YamlNode& at, std::vector<ColumnUse>& uses) {
  for (const Format::Part& part : text.parts) {
    if (part.fact) uses.push_back({&*part.fact, nullptr, &at});
  }
}

void list_all(const Conjunction& conditions, std::vector<ColumnUse>& uses) {
  for (const Clause& clause : conditions) switchyard::list_columns(clause, uses);
}

}  // namespace

void list_columns(const Clause& clause, std::vector<ColumnUse>& uses) {
  if (clause.kind == Clause::Kind::kColumn)
    uses.push_back({&clause.column, &clause, &clause.source});
  list_columns(clause.test, clause.source, uses);
  for (const Conjunction& branch : clause.branches) list_all(branch, uses);
}

void list_columns(const Template& output, std::vector<ColumnUse>& uses) {
  if (output.kind == Template::Kind::kFact || output.kind == Template::Kind::kFirst) {
    uses.push_back({&output.column, nullptr, &output.source});
  }
  list_columns(output.format, output.source, uses);
  for (const Template& item : output.items) list_columns(item, uses);
  for (const Format& step : output.field) list_columns(step, output.source, uses);
}

void list_columns(const Warning& warning, std::vector<ColumnUse>& uses) {
  list_all(warning.when, uses);
  list_columns(warning.text, warning.source, uses);
}

std::vector<ColumnUse> column_uses(const Rule& rule) {
  std::vector<ColumnUse> uses;
  list_all(rule.when, uses);
  list_columns(rule.then, uses);
  for (const Warning& warning : rule.warnings) list_columns(warning, uses);
  return uses;
}

}  // namespace switchyard
