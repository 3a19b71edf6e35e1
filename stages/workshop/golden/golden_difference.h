// What a golden case expected and what came out instead, with the rules that answer for both.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "engine/value.h"
#include "stages/resolve/trace.h"
#include "stages/workshop/golden/golden_case.h"

namespace switchyard {

// The rule that gave a value, as it stands in the rules now.
struct Responsible {
  std::string decision;  // "task"
  std::string id;        // "head/architecture"; a knowledge table's name where that decided
  Place place;           // unknown: it is not in force any more
  // Of the rule that gave the expected value: why it does not any more, "failed at library: timm
  // (is "transformers")". Empty where it still wins.
  std::string fate;
};

struct GoldenDifference {
  std::string file;
  std::size_t line = 0;
  std::string name;   // of the case
  std::string field;  // "task", "precision.method", "rules.task"; "expect" for a new case
  Value expected;     // null: nothing was expected
  Value actual;       // null: nothing is there
  std::optional<Responsible> before;  // nothing: not known, or no rule
  std::optional<Responsible> after;

  // "text.jsonl:3: bert, masked head: task: expected "fill-mask", is "feature-extraction"".
  std::string str() const;
};

// `trace`: what was asked for `actual`. A changed rule shows as a field of its own ("rules.task")
// only where no other difference names it. Maps are compared key by key.
std::vector<GoldenDifference> golden_differences(const RuleBook& rules, const GoldenCase& golden,
                                                 const Value& actual, const Trace& trace);

}  // namespace switchyard
