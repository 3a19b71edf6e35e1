#include "stages/export/weights/account.h"

#include <algorithm>
#include <map>
#include <set>

#include "engine/text.h"
#include "stages/export/graph/prune.h"
#include "stages/export/weights/head_scopes.h"

namespace switchyard {
namespace {

constexpr std::size_t kMaxListed = 5;

// "3 tensors (a, b, c)" or "a".
std::string listing(const std::vector<std::string>& names) {
  if (names.size() == 1) return names[0];
  std::string text = std::to_string(names.size()) + " tensors (";
  for (std::size_t i = 0; i < std::min(names.size(), kMaxListed); ++i)
    text += (i ? ", " : "") + names[i];
  return text + (names.size() > kMaxListed ? ", ...)" : ")");
}

class Accountant {
 public:
  Accountant(const Accounts& accounts, const std::function<bool(const recipe::Expr&)>& holds)
      : a_(accounts) {
    const std::vector<bool> read = graph::read_tensors(a_.graph);
    for (std::size_t i = 0; i < a_.graph.tensors.size(); ++i) {
      const StoredTensor* stored = a_.graph.tensors[i].stored;
      if (stored) (read[i] ? used_ : seen_).insert(stored);
    }
    for (const auto* list : {&a_.recipe.ignore, &a_.head.ignore}) {
      for (const recipe::Ignored& ignored : *list) {
        if (!ignored.when || holds(*ignored.when)) ignored_.push_back(&ignored);
      }
    }
    const std::set<std::string> own = head_scopes(a_.recipe, a_.head);
    for (const recipe::Head& other : a_.recipe.heads) {
      if (other.task == a_.head.task) continue;
      for (const std::string& pattern : head_scopes(a_.recipe, other)) {
        if (!own.contains(pattern)) foreign_.emplace(pattern, other.task);
      }
    }
  }

  std::vector<std::string> run() {
    std::map<std::string, std::vector<std::string>> by_reason;
    std::vector<std::string> unused;
    for (const StoredTensor& tensor : a_.weights.tensors()) {
      if (used_.contains(&tensor)) continue;
      const std::string reason = reason_for(tensor);
      (reason.empty() ? unused : by_reason[reason]).push_back(a_.names.plain_name(tensor));
    }
    if (!unused.empty()) complain(unused);
    std::vector<std::string> lines;
    for (const auto& [reason, names] : by_reason) {
      if (!names.empty()) lines.push_back(listing(names) + ": " + reason);
    }
    return lines;
  }

 private:
  std::string reason_for(const StoredTensor& tensor) const {
    const std::string& name = a_.names.plain_name(tensor);
    if (const auto rule = a_.names.idle_rule(tensor)) return "rule " + *rule;
    for (const recipe::Ignored* ignored : ignored_) {
      if (a_.names.matches(ignored->pattern, name))
        return "ignored by the recipe (" + ignored->spot.place().str() + ")";
    }
    if (seen_.contains(&tensor)) return "read by the recipe, not needed for " + a_.head.task;
    if (a_.names.foreign_head_rule()) {
      for (const auto& [pattern, task] : foreign_) {
        if (a_.names.matches(pattern, name))
          return "head of " + task + " (rule " + *a_.names.foreign_head_rule() + ")";
      }
    }
    return {};
  }

  [[noreturn]] void complain(const std::vector<std::string>& unused) const {
    std::set<std::string> scopes;
    for (const std::string& name : unused)
      scopes.insert(
          name.substr(0, name.rfind('.') == std::string::npos ? name.size() : name.rfind('.')));
    std::vector<std::string> shown(scopes.begin(), scopes.end());
    if (shown.size() > kMaxListed) shown.resize(kMaxListed);
    throw Error(
        ErrorKind::kModel, {a_.recipe.file},
        "recipe '" + a_.recipe.name + "' leaves " + listing(unused) + " of the checkpoint unused",
        "The result would not be this model: let the recipe use the scope " +
            join_names(shown, " and ") + ", or list it under 'ignore'");
  }

  const Accounts& a_;
  std::set<const StoredTensor*> used_;
  std::set<const StoredTensor*> seen_;
  std::vector<const recipe::Ignored*> ignored_;
  std::map<std::string, std::string> foreign_;  // pattern -> task
};

}  // namespace

std::vector<std::string> account_for_tensors(
    const Accounts& accounts, const std::function<bool(const recipe::Expr&)>& holds) {
  return Accountant(accounts, holds).run();
}

}  // namespace switchyard
