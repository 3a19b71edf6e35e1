// Problems of rule files: what `rules check` finds, all of them in one run.
#pragma once

#include <string>
#include <vector>

#include "engine/error.h"

namespace switchyard {

struct Problem {
  enum class Severity { kWarning, kError };

  Severity severity = Severity::kError;
  Place place;           // where it is to be mended
  std::string kind;      // a word for programs: "overlap", "shadowed", "unknown-fact"
  std::string decision;  // or the knowledge table, or the recipe; empty: a file as a whole
  std::string rule;      // the rule's id or the row's key; empty: the table as a whole
  std::string what;      // one sentence without a period
  std::string mend;      // what to try; may be empty

  // What it collides with; a rule's id and its place. Empty where it collides with nothing.
  std::string other_rule;
  Place other_place;

  // "PLACE: error: [decision/rule] WHAT (collides with RULE, PLACE). MEND."
  std::string str() const;
};

using Problems = std::vector<Problem>;

// By file, line and column, errors before warnings at one place; the same thing said twice is left
// out.
void sort_problems(Problems& problems);
bool has_errors(const Problems& problems);

}  // namespace switchyard
