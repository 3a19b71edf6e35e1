// The names of a checkpoint's tensors as a recipe sees them.
//
// What varies between checkpoints of one architecture (a wrapper's prefix, the base model's prefix,
// older names) is policy: the decision `weights` in rules/weights.yaml. This class carries it out.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/rule_book.h"
#include "stages/checkpoint/weights.h"

namespace switchyard {

// `*` stands for any text, also across dots.
bool glob_matches(std::string_view pattern, std::string_view text);

class WeightNames {
 public:
  // `prefix`: the recipe's base model scope ("bert"), or empty. Keeps pointers into `weights`.
  WeightNames(const RuleBook& rules, const Weights& weights, const Facts& facts,
              std::string prefix);

  // The tensor a recipe means by `name`, or null.
  const StoredTensor* find(std::string_view name) const;
  // Distinct values of the `*` in "encoder.layer.*": "0", "1", ...
  std::size_t count(const std::string& pattern) const;
  // Names near to a missing one, for messages.
  std::string nearest(std::string_view name) const;

  // A tensor's name as recipes write it (wrapper prefixes gone).
  const std::string& plain_name(const StoredTensor& tensor) const;
  // The id of the rule that calls this tensor idle, or nothing.
  std::optional<std::string> idle_rule(const StoredTensor& tensor) const;
  // The id of the rule that lets another task's head lie unused, or nothing.
  const std::optional<std::string>& foreign_head_rule() const { return foreign_head_rule_; }
  // "bert.encoder" <-> "encoder": whether `plain` is what a recipe's pattern means.
  bool matches(std::string_view pattern, std::string_view plain) const;

 private:
  const StoredTensor* find_exact(std::string_view name) const;
  // The spellings under which a recipe's name may stand in the file, likeliest first.
  std::vector<std::string> spellings(std::string_view name) const;

  struct Alternative {
    std::string of;  // suffix as recipes write it
    std::string is;  // suffix as some checkpoints write it
  };
  struct Idle {
    std::string pattern;
    std::string rule;
  };

  std::string prefix_;
  std::map<std::string, const StoredTensor*, std::less<>> tensors_;  // by plain name
  std::map<const StoredTensor*, std::string> plain_;
  std::vector<Alternative> alternatives_;
  std::vector<Idle> idle_;
  std::optional<std::string> foreign_head_rule_;
};

}  // namespace switchyard
