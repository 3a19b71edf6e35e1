// How the chain asks decision tables: every question goes through here, so that it can be traced.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/facts.h"
#include "engine/rule_book.h"
#include "stages/resolve/trace.h"

namespace switchyard {

// For one request, used by one thread. Without a trace it costs what the rule book costs.
class Asker {
 public:
  // Both must outlive the asker. `trace` may be null; otherwise questions are appended to it, also
  // one that ends in an error.
  Asker(const RuleBook& rules, Trace* trace) : rules_(rules), trace_(trace) {}

  const RuleBook& rules() const { return rules_; }

  // As RuleBook::decide and collect. `value_of` and `purpose`: see Question.
  std::optional<Outcome> decide(std::string_view decision, const Facts& facts,
                                std::string_view value_of = {},
                                std::string_view purpose = {}) const;
  std::vector<Outcome> collect(std::string_view decision, const Facts& facts,
                               std::string_view value_of = {}) const;

  // Something else than a rule made the decision: noted with the last question of its name.
  void decided_instead(const Decision& decision) const;

 private:
  const RuleBook& rules_;
  Trace* trace_;
};

}  // namespace switchyard
