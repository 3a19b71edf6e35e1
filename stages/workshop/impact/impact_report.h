// What a change of the rules does to a corpus: counts, and what changed grouped by its cause.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/value.h"
#include "stages/workshop/impact/resolution_difference.h"

namespace switchyard {

// Models of one cause that change in the same way at the decision where it begins.
struct ImpactStep {
  Value before;
  Value after;
  std::string rule_before;
  std::string rule_after;
  std::size_t models = 0;
  std::vector<std::string> examples;  // the first names of the corpus, each once
};

// Models whose change begins with the same rule.
struct ImpactGroup {
  Cause cause;
  bool outcome = true;  // false: the same outcome by another rule
  std::size_t models = 0;
  std::vector<ImpactStep> steps;    // the first kinds of change that were met
  std::size_t models_in_steps = 0;  // the rest changes in still other ways
};

// Deterministic: what it holds depends on the corpus and the rules alone, however it was cut in
// parts, as long as the parts are merged in order.
class ImpactReport {
 public:
  // `examples`: how many models to name in each step.
  explicit ImpactReport(std::size_t examples) : examples_(examples) {}

  void add_same() { ++same_; }
  void add_failing() { ++failing_; }        // under both, in the same way
  void add_unreadable() { ++unreadable_; }  // no JSON, or no request
  void add(const ModelChange& change, const std::string& model);
  // `later` comes behind this in the corpus.
  void merge(ImpactReport later);
  // Bounds the memory, for the report that others are merged into: at most this many steps of a
  // group are kept apart.
  void limit_steps(std::size_t steps) { most_steps_ = steps; }

  std::size_t models() const { return changed_ + rerouted_ + same_ + failing_ + unreadable_; }
  std::size_t changed() const { return changed_; }
  std::size_t rerouted() const { return rerouted_; }
  std::size_t same() const { return same_; }
  std::size_t failing() const { return failing_; }
  std::size_t unreadable() const { return unreadable_; }
  bool any() const { return changed_ + rerouted_ > 0; }

  // Outcomes first, then by the number of models, then by name.
  std::vector<const ImpactGroup*> groups() const;
  // What else changes in the models of a group: field and number of models, by number.
  std::vector<std::pair<std::string, std::size_t>> follows_of(const ImpactGroup& group) const;
  // How many models change in each decision or result, by number.
  std::vector<std::pair<std::string, std::size_t>> fields() const;

 private:
  using Key = std::pair<bool, Cause>;
  struct Group {
    ImpactGroup shown;
    std::map<std::string, std::size_t> follows;
  };

  void add_step(Group& group, ImpactStep step);

  std::size_t examples_;
  std::size_t most_steps_ = static_cast<std::size_t>(-1);
  std::size_t changed_ = 0, rerouted_ = 0, same_ = 0, failing_ = 0, unreadable_ = 0;
  std::map<Key, Group> groups_;
  std::map<std::string, std::size_t> fields_;
};

}  // namespace switchyard
