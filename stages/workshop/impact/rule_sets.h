// Two sets of rules to compare: the ones before and the ones after.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "engine/rule_book.h"

namespace switchyard {

// A rule book with what messages call it and the rules that are in it.
class RuleSet {
 public:
  RuleSet(std::shared_ptr<const RuleBook> book, std::string description);

  const RuleBook& book() const { return *book_; }
  // "the embedded rules", "my-rules laid over the embedded rules", "rules, a whole set".
  const std::string& description() const { return description_; }
  bool has_rule(std::string_view decision, std::string_view id) const;

 private:
  std::shared_ptr<const RuleBook> book_;
  std::string description_;
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> rules_;
};

struct RuleSets {
  RuleSet before;
  RuleSet after;
};

// Whether the directory has a document for every decision table of the embedded rules, and so
// stands for itself. Throws Error(kUsage) when it can't be read.
bool is_whole_rule_set(const std::filesystem::path& directory);

// `base`: the rules before; nothing: the embedded ones. A directory that is no whole set is an
// overlay: `base` over the embedded rules, `with` over the rules before. Throws Error(kUsage) as
// RuleBook::load does.
RuleSets load_rule_sets(const std::optional<std::string>& base, const std::string& with);

}  // namespace switchyard
