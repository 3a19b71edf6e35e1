#include "stages/workshop/impact/rule_sets.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/rule_catalog.h"
#include "engine/rule_files.h"

namespace switchyard {

RuleSet::RuleSet(std::shared_ptr<const RuleBook> book, std::string description)
    : book_(std::move(book)), description_(std::move(description)) {
  for (const std::string_view decision : book_->decisions()) {
    auto& ids = rules_[std::string(decision)];
    for (const Rule& rule : book_->catalog().decision(decision)->rules()) ids.insert(rule.id);
  }
}

bool RuleSet::has_rule(std::string_view decision, std::string_view id) const {
  const auto found = rules_.find(decision);
  return found != rules_.end() && found->second.contains(id);
}

bool is_whole_rule_set(const std::filesystem::path& directory) {
  std::set<std::string, std::less<>> there;
  for (const RuleFile& file : read_rule_directory(directory, directory.generic_string())) {
    for (const RuleDocument& document : split_documents(file)) {
      if (document.kind == DocumentKind::kDecision) there.insert(document.name);
    }
  }
  const auto embedded = RuleBook::load();
  const std::vector<std::string_view> needed = embedded->decisions();
  return !needed.empty() &&
         std::ranges::all_of(needed, [&](std::string_view name) { return there.contains(name); });
}

RuleSets load_rule_sets(const std::optional<std::string>& base, const std::string& with) {
  RuleBookOptions before, after;
  std::string called = "the embedded rules";
  if (base && is_whole_rule_set(*base)) {
    before.base = *base;
    called = *base + ", a whole set of rules";
  } else if (base) {
    before.overlays.emplace_back(*base);
    called = *base + ", an overlay over the embedded rules";
  }
  std::string called_after;
  if (is_whole_rule_set(with)) {
    after.base = with;
    called_after = with + ", a whole set of rules";
  } else {
    after = before;
    after.overlays.emplace_back(with);
    called_after = with + ", an overlay over " + (base ? *base : "the embedded rules");
  }
  return {RuleSet(RuleBook::load(before), std::move(called)),
          RuleSet(RuleBook::load(after), std::move(called_after))};
}

}  // namespace switchyard
