// What `rules explain` and `inspect --explain` print of a trace.
#pragma once

#include <string>
#include <vector>

#include "engine/value.h"
#include "stages/resolve/trace.h"

namespace switchyard {

struct ExplainStyle {
  bool all_losers = false;  // else many that fail at the same column are one line
  bool colour = false;
};
// Question by question: the value and who decided it, the facts read, the rules that lost and why.
std::string explanation_text(const std::vector<const Question*>& questions,
                             const ExplainStyle& style);
// Everything: [{decision, purpose, value, by: [{rule, source, file, line, column, outputs,
// warnings}], instead: {rule, source, file, line, column} or null, facts: [{fact, set, value}],
// rules: [{rule, priority, outcome: won, outranked or failed, file, line, column, failed:
// {condition, asks, file, line, column} or null}]}].
Value explanation_json(const std::vector<const Question*>& questions);

// The short form, a line a decision; as JSON [{decision, value, rules, places, nearest_loser:
// {rule, place, failed} or null}].
std::string short_explanation_text(const Trace& trace);
Value short_explanation_json(const Trace& trace);

}  // namespace switchyard
