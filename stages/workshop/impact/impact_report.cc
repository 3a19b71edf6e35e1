#include "stages/workshop/impact/impact_report.h"

#include <algorithm>
#include <tuple>

namespace switchyard {
namespace {

using Counts = std::vector<std::pair<std::string, std::size_t>>;

Counts by_number(const std::map<std::string, std::size_t>& counts) {
  Counts sorted(counts.begin(), counts.end());
  std::ranges::stable_sort(sorted,
                           [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

bool same_step(const ImpactStep& a, const ImpactStep& b) {
  return a.rule_before == b.rule_before && a.rule_after == b.rule_after && a.before == b.before &&
         a.after == b.after;
}

}  // namespace

void ImpactReport::add_step(Group& group, ImpactStep step) {
  auto& steps = group.shown.steps;
  auto known = std::ranges::find_if(steps, [&](const auto& s) { return same_step(s, step); });
  if (known == steps.end()) {
    if (steps.size() >= most_steps_) return;
    group.shown.models_in_steps += step.models;
    if (step.examples.size() > examples_) step.examples.resize(examples_);
    steps.push_back(std::move(step));
    return;
  }
  group.shown.models_in_steps += step.models;
  known->models += step.models;
  for (std::string& model : step.examples) {
    if (known->examples.size() >= examples_) break;
    if (std::ranges::find(known->examples, model) != known->examples.end()) continue;
    known->examples.push_back(std::move(model));
  }
}

void ImpactReport::add(const ModelChange& change, const std::string& model) {
  ++(change.outcome ? changed_ : rerouted_);
  Group& group = groups_[{!change.outcome, change.cause}];
  if (group.shown.models++ == 0) {
    group.shown.cause = change.cause;
    group.shown.outcome = change.outcome;
  }
  const FieldChange& first = change.fields[change.begins_at];
  add_step(group, {first.before, first.after, first.rule_before, first.rule_after, 1, {model}});
  for (const FieldChange& field : change.fields) {
    if (field.outcome != change.outcome) continue;
    ++fields_[field.field];
    if (&field != &first) ++group.follows[field.field];
  }
}

void ImpactReport::merge(ImpactReport later) {
  changed_ += later.changed_;
  rerouted_ += later.rerouted_;
  same_ += later.same_;
  failing_ += later.failing_;
  unreadable_ += later.unreadable_;
  for (auto& [key, theirs] : later.groups_) {
    Group& group = groups_[key];
    if (group.shown.models == 0) {
      group.shown.cause = theirs.shown.cause;
      group.shown.outcome = theirs.shown.outcome;
    }
    group.shown.models += theirs.shown.models;
    for (ImpactStep& step : theirs.shown.steps) add_step(group, std::move(step));
    for (const auto& [field, count] : theirs.follows) group.follows[field] += count;
  }
  for (const auto& [field, count] : later.fields_) fields_[field] += count;
}

std::vector<const ImpactGroup*> ImpactReport::groups() const {
  std::vector<const ImpactGroup*> sorted;
  for (const auto& [key, group] : groups_) sorted.push_back(&group.shown);
  std::ranges::stable_sort(sorted, [](const ImpactGroup* a, const ImpactGroup* b) {
    return std::tuple(!a->outcome, b->models) < std::tuple(!b->outcome, a->models);
  });
  return sorted;
}

Counts ImpactReport::follows_of(const ImpactGroup& group) const {
  return by_number(groups_.at({!group.outcome, group.cause}).follows);
}

Counts ImpactReport::fields() const { return by_number(fields_); }

}  // namespace switchyard
