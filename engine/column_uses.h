// Every place in a rule where a fact is named.
#pragma once

#include <vector>

#include "engine/rule.h"

namespace switchyard {

// Lives as long as the rule.
struct ColumnUse {
  const Column* column;
  const Clause* clause;  // whose own column it is, or null
  const YamlNode* at;    // the condition, reference or text that names it

  Place place() const { return clause != nullptr ? clause->key_place() : at->place(); }
};

// Append the columns that a condition may look at: its own, those inside any, all and not, and
// facts that stand as operands.
void list_columns(const Clause& clause, std::vector<ColumnUse>& uses);
// Of outputs: references, keys and fields of look-ups, texts with facts in them.
void list_columns(const Template& output, std::vector<ColumnUse>& uses);
// Of a warning.
void list_columns(const Warning& warning, std::vector<ColumnUse>& uses);

// All of a rule's: conditions, outputs and warnings.
std::vector<ColumnUse> column_uses(const Rule& rule);

}  // namespace switchyard
