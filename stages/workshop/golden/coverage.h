// Coverage: which of the rules in force won at least once.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/rule_book.h"
#include "stages/resolve/trace.h"

namespace switchyard {

// The rules of a decision table, overlays included and disabled ones left out, best first. Views
// live as long as the rule book. Throws Error(kUsage) when there is no such table.
std::vector<RuleRef> rules_in_force(const RuleBook& rules, std::string_view decision);

struct CoverageReport {
  struct Table {
    std::string decision;
    std::size_t rules = 0;
    std::vector<RuleRef> never_won;  // best first; views live as long as the rule book
  };
  std::size_t rules = 0;
  std::size_t won = 0;
  std::vector<Table> tables;  // all decisions, by name

  // 0 to 100; 100 where there are no rules.
  double percent() const;
};

// Gathers winners; one thread at a time.
class Coverage {
 public:
  // Every outcome in the trace counts, of whatever question.
  void add(const Trace& trace);
  CoverageReport report(const RuleBook& rules) const;

 private:
  std::set<std::pair<std::string, std::string>> won_;  // decision, rule
};

}  // namespace switchyard
