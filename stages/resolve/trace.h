// A trace: what the chain asked the rule book for one request, and why it was answered so.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "engine/value.h"
#include "stages/resolve/resolve.h"

namespace switchyard {

// One decision table, asked once. Views in it live as long as the RuleBook.
struct Question {
  std::string decision;  // the table
  // What it was asked for beside the chain; empty: for the decision itself.
  std::string purpose;
  Explanation explanation;
  std::vector<Outcome> outcomes;  // at most one, but for tables that collect

  // What decided in its place: a row of a knowledge table, the user, the checkpoint's head.
  std::optional<Decision> instead;

  // The output that is the decision's value; empty: all of them.
  std::string value_of;
  // What was decided: null when nothing was, a list where several outcomes count.
  Value value() const;
};

struct Trace {
  std::vector<Question> questions;  // in the order in which they were asked
};

}  // namespace switchyard
