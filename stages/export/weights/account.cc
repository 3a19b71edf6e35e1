#include "stages/export/weights/account.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <unordered_map>

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

// "layer.0.dense.weight" -> "layer.0.dense"; empty for a name without a dot.
std::string scope_of(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return dot == name.npos ? std::string() : name.substr(0, dot);
}

class Accountant {
 public:
  Accountant(const Accounts& accounts, const std::function<bool(const recipe::Expr&)>& holds)
      : a_(accounts) {
    const std::vector<bool> read = graph::read_tensors(a_.graph);
    for (std::size_t i = 0; i < a_.graph.tensors.size(); ++i) {
      if (read[i] && a_.graph.tensors[i].stored) used_.insert(a_.graph.tensors[i].stored);
    }
    for (const WeightUse& use : a_.uses) {
      // The first name tells most: a tied tensor is asked for by its own name before the other's.
      if (use.found.tensor != nullptr) asked_.try_emplace(use.found.tensor, &use);
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
        // A pattern that starts with a computed name tells no place that is another head's alone.
        if (pattern.starts_with("*") || reaches_into_this(pattern)) continue;
        const bool shared = std::any_of(own.begin(), own.end(), [&](const std::string& mine) {
          return glob_matches(mine, pattern);
        });
        if (!shared) other_heads_.emplace(pattern, other.task);
      }
    }
  }

  std::vector<TensorFate> run() const {
    std::vector<TensorFate> fates;
    fates.reserve(a_.names.tensors().size());
    for (const auto& [name, tensor] : a_.names.tensors()) {
      TensorFate fate;
      fate.tensor = tensor;
      fate.name = name;
      if (const auto asked = asked_.find(tensor); asked != asked_.end()) {
        fate.name = asked->second->name;
        fate.scope = scope_of(fate.name);
        fate.rules = asked->second->found.rules;
        if (const auto& as_float = a_.names.fitting().as_float32; as_float.contains(tensor->dtype)) {
          fate.rules.push_back(as_float.at(tensor->dtype));
        }
      }
      decide(fate);
      fates.push_back(std::move(fate));
    }
    return fates;
  }

 private:
  // A scope in which this graph finds tensors itself is no other head's alone.
  bool reaches_into_this(const std::string& pattern) const {
    return std::any_of(asked_.begin(), asked_.end(), [&](const auto& asked) {
      return a_.names.matches(pattern, asked.second->name);
    });
  }

  void decide(TensorFate& fate) const {
    if (used_.contains(fate.tensor)) {
      fate.fate = Fate::kUsed;
      return;
    }
    const Fitting& fitting = a_.names.fitting();
    const auto give = [&](Fate what, std::string reason, const std::string& rule = {}) {
      fate.fate = what;
      fate.reason = std::move(reason);
      if (!rule.empty()) fate.rules.push_back(rule);
    };
    for (const Fitting::Pattern& idle : fitting.idle) {
      if (glob_matches(idle.pattern, fate.name)) {
        return give(Fate::kIdle, "carries nothing (rule " + idle.rule + ")", idle.rule);
      }
    }
    for (const Fitting::Tie& tie : fitting.ties) {
      for (const auto& [mine, other] :
           {std::pair(tie.tensor, tie.to), std::pair(tie.to, tie.tensor)}) {
        const NameMatch twin = a_.names.find(other);
        if (a_.names.matches(mine, fate.name) && twin.tensor != nullptr &&
            used_.contains(twin.tensor)) {
          return give(Fate::kTied, "the same as " + other + " (rule " + tie.rule + ")", tie.rule);
        }
      }
    }
    for (const recipe::Ignored* ignored : ignored_) {
      if (a_.names.matches(ignored->pattern, fate.name)) {
        return give(Fate::kIgnored, "ignored by the recipe (" + ignored->spot.place().str() + ")");
      }
    }
    if (asked_.contains(fate.tensor)) {
      if (!a_.complete) return give(Fate::kUsed, {});
      return give(Fate::kNotNeeded, "read by the recipe, not needed for " + a_.head.task);
    }
    if (const auto other = a_.others.find(fate.tensor); other != a_.others.end()) {
      return give(Fate::kOtherPart, "of the " + other->second);
    }
    if (!fitting.other_heads_rule.empty()) {
      for (const auto& [pattern, task] : other_heads_) {
        if (a_.names.matches(pattern, fate.name)) {
          return give(Fate::kForeignHead,
                      "head of " + task + " (rule " + fitting.other_heads_rule + ")",
                      fitting.other_heads_rule);
        }
      }
    }
    for (const Fitting::Pattern& foreign : fitting.foreign) {
      if (glob_matches(foreign.pattern, fate.name)) {
        return give(Fate::kForeignHead, "another task's head (rule " + foreign.rule + ")",
                    foreign.rule);
      }
    }
    if (!a_.complete) return give(Fate::kNotReached, "the recipe stopped before it");
    give(Fate::kUnused, "nothing asks for it");
  }

  const Accounts& a_;
  std::set<const StoredTensor*> used_;
  std::unordered_map<const StoredTensor*, const WeightUse*> asked_;
  std::vector<const recipe::Ignored*> ignored_;
  std::map<std::string, std::string> other_heads_;  // pattern -> task
};

}  // namespace

std::string_view fate_name(Fate fate) {
  switch (fate) {
    case Fate::kUsed:
      return "used";
    case Fate::kNotNeeded:
      return "not needed";
    case Fate::kTied:
      return "tied";
    case Fate::kIdle:
      return "idle";
    case Fate::kIgnored:
      return "ignored";
    case Fate::kForeignHead:
      return "foreign head";
    case Fate::kOtherPart:
      return "other part";
    case Fate::kUnused:
      return "unused";
    case Fate::kNotReached:
      return "not reached";
  }
  return "";
}

std::vector<TensorFate> account_for_tensors(const Accounts& accounts,
                                            const std::function<bool(const recipe::Expr&)>& holds) {
  return Accountant(accounts, holds).run();
}

std::vector<std::string> ignored_lines(const std::vector<TensorFate>& fates) {
  std::map<std::string, std::vector<std::string>> by_reason;
  for (const TensorFate& fate : fates) {
    if (fate.fate != Fate::kUsed) by_reason[fate.reason].push_back(fate.name);
  }
  std::vector<std::string> lines;
  for (const auto& [reason, names] : by_reason) lines.push_back(listing(names) + ": " + reason);
  return lines;
}

void refuse_unused(const std::vector<TensorFate>& fates, const recipe::Recipe& recipe) {
  std::vector<std::string> unused;
  std::set<std::string> scopes;
  for (const TensorFate& fate : fates) {
    if (fate.fate != Fate::kUnused) continue;
    unused.push_back(fate.name);
    scopes.insert(scope_of(fate.name).empty() ? fate.name : scope_of(fate.name));
  }
  if (unused.empty()) return;
  std::vector<std::string> shown(scopes.begin(), scopes.end());
  if (shown.size() > kMaxListed) shown.resize(kMaxListed);
  throw Error(
      ErrorKind::kModel, {recipe.file},
      "recipe '" + recipe.name + "' leaves " + listing(unused) + " of the checkpoint unused",
      "The result would not be this model: let the recipe use the scope " +
          join_names(shown, " and ") +
          ", or list it under 'ignore'. `switchyard inspect --weights` lists every tensor");
}

}  // namespace switchyard
