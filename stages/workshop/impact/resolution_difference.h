// What becomes of one request under two sets of rules, and which rule makes the difference.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "engine/value.h"
#include "stages/resolve/resolve.h"
#include "stages/workshop/impact/rule_sets.h"

namespace switchyard {

// A resolution, or as much of it as there was when it failed.
struct Attempt {
  Resolution resolution;
  std::optional<std::string> error;  // why there is no outcome
};

// Never throws for a request that has no outcome.
Attempt try_request(const RuleBook& rules, const ResolveRequest& request);

// A decision of the chain, or a result that no rule gives: surfaced_task, optimum_task, model_type,
// onnx_config, recipe, inputs, outputs, config, warnings, error.
struct FieldChange {
  std::string field;
  bool outcome = true;  // false: the same value from another rule, or with another source word
  Value before;         // of maps only the entries that differ; null: nothing
  Value after;
  std::string rule_before;  // ids; empty: no rule gave it
  std::string rule_after;
};

// What a change begins with.
struct Cause {
  enum class Kind {
    kNewRule,      // `rule` was not there before
    kRemovedRule,  // `rule` is not there any more
    kOtherRule,    // `rule` wins now, and was there before
    kLostRule,     // `rule` is there and does not win any more; none does
    kSameRule,     // `rule` wins as before and says something else
    kKnowledge,    // knowledge tables, or what the user said: no rule
    kError,        // what fails is not due to a decision
  };
  Kind kind = Kind::kKnowledge;
  std::string field;
  std::string rule;  // of kError: the message, names left out; of kKnowledge: the table, or empty
  Place place;       // of the rule; unknown where there is none

  friend auto operator<=>(const Cause& a, const Cause& b) {
    return std::tie(a.field, a.rule, a.kind) <=> std::tie(b.field, b.rule, b.kind);
  }
  friend bool operator==(const Cause& a, const Cause& b) { return (a <=> b) == 0; }
};

struct ModelChange {
  bool outcome = false;  // some value differs, not only rules and source words
  Cause cause;
  std::size_t begins_at = 0;        // the cause's field in `fields`
  std::vector<FieldChange> fields;  // in the order of the chain, then of the results
};

// Nothing when both are the same, or fail in the same way.
std::optional<ModelChange> difference(const RuleSets& sets, const Attempt& before,
                                      const Attempt& after);

}  // namespace switchyard
