#include "engine/layer_merge.h"

#include <algorithm>
#include <unordered_map>

#include "engine/column_uses.h"
#include "engine/text.h"

namespace switchyard {

namespace {

template <typename Use>
void for_each_document(const DecisionLayers& layers, Use use) {
  for (const auto& documents : layers) {
    for (const DecisionDocument& document : documents) use(document);
  }
}

// Checks the names of one decision against the declared ones.
class NameCheck {
 public:
  NameCheck(const std::vector<DeclaredName>& declared, const char* what, Faults* faults)
      : what_(what), faults_(faults) {
    for (const DeclaredName& name : declared) declared_.push_back(name.name);
  }

  bool is_needed() const { return !declared_.empty(); }

  void name(const std::string& name, const Place& place) const {
    const bool covered =
        std::any_of(declared_.begin(), declared_.end(), [&](const std::string& known) {
          return name == known || (name.starts_with(known) && name[known.size()] == '.');
        });
    if (covered) return;
    attempt(faults_, [&] {
      std::string mend = did_you_mean(name, declared_);
      if (mend.empty()) mend = "Declare it, or use one of " + join_names(declared_, " or ");
      throw Error(ErrorKind::kUsage, place,
                  "\"" + name + "\" is not a declared " + what_ + " of this decision", mend);
    });
  }

 private:
  std::vector<std::string> declared_;
  const char* what_;
  Faults* faults_;
};

void check_columns(const Rule& rule, const NameCheck& check) {
  for (const ColumnUse& use : column_uses(rule)) check.name(use.column->path(), use.place());
}

void check_outputs(const Rule& rule, const NameCheck& check) {
  const YamlNode* then = rule.node.find("then");
  if (then == nullptr) return;
  for (const YamlEntry& entry : then->entries()) check.name(entry.key, entry.key_place());
}

}  // namespace

HitPolicy merged_hit_policy(const DecisionLayers& layers, Faults* faults) {
  const DecisionDocument* declared_by = nullptr;
  for_each_document(layers, [&](const DecisionDocument& document) {
    if (!document.hit_policy) return;
    if (declared_by == nullptr) {
      declared_by = &document;
    } else if (document.hit_policy != declared_by->hit_policy) {
      attempt(faults, [&] {
        document.node.find("hit_policy")
            ->fail("the decision \"" + document.name + "\" has another hit policy at " +
                       declared_by->node.find("hit_policy")->place().str(),
                   "Leave `hit_policy` out here");
      });
    }
  });
  return declared_by != nullptr ? *declared_by->hit_policy : HitPolicy::kPriority;
}

std::vector<DeclaredName> merged_names(const DecisionLayers& layers,
                                       std::vector<DeclaredName> DecisionDocument::*names) {
  std::vector<DeclaredName> merged;
  for_each_document(layers, [&](const DecisionDocument& document) {
    merged.insert(merged.end(), (document.*names).begin(), (document.*names).end());
  });
  return merged;
}

void check_declared_names(const DecisionLayers& layers, Faults* faults) {
  const NameCheck columns(merged_names(layers, &DecisionDocument::columns), "column", faults);
  const NameCheck outputs(merged_names(layers, &DecisionDocument::outputs), "output", faults);
  for_each_document(layers, [&](const DecisionDocument& document) {
    for (const Rule& rule : document.rules) {
      const std::size_t before = faults != nullptr ? faults->size() : 0;
      if (columns.is_needed()) check_columns(rule, columns);
      if (outputs.is_needed()) check_outputs(rule, outputs);
      if (faults != nullptr) faults->name_rule(before, rule.id);
    }
  });
}

namespace {

struct Placed {
  Rule rule;
  std::size_t first_layer;  // that brought the id
  std::size_t last_layer;   // that changed it
};

class Merger {
 public:
  // Throws at a rule that does not fit what is there.
  void add(Rule rule, const std::string& decision, std::size_t layer) {
    rule.layer = layer;
    const auto found = position_.find(rule.id);
    if (found == position_.end()) {
      require_new(rule, decision, layer);
      position_.emplace(rule.id, placed_.size());
      placed_.push_back({std::move(rule), layer, layer});
      return;
    }
    Placed& earlier = placed_[found->second];
    if (earlier.last_layer == layer) {
      rule.node.find("id")->fail(
          "the rule id \"" + rule.id + "\" is used before, at " + earlier.rule.node.place().str(),
          "Give every rule an id of its own");
    }
    // A rule that can't be read replaces nothing: its faults are told, not what follows from them.
    if (!rule.is_faulty) earlier.rule = std::move(rule);
    earlier.last_layer = layer;
  }

  std::vector<Rule> rules() {
    std::stable_sort(placed_.begin(), placed_.end(), [](const Placed& a, const Placed& b) {
      return a.first_layer > b.first_layer;
    });
    std::vector<Rule> rules;
    rules.reserve(placed_.size());
    for (Placed& entry : placed_) {
      if (!entry.rule.disabled && !entry.rule.is_faulty) rules.push_back(std::move(entry.rule));
    }
    return rules;
  }

 private:
  void require_new(const Rule& rule, const std::string& decision, std::size_t layer) const {
    const bool disables = layer > 0 && rule.disabled;
    if (!disables && !rule.replaces) return;
    std::vector<std::string> ids;
    for (const Placed& other : placed_) ids.push_back(other.rule.id);
    std::string mend = did_you_mean(rule.id, ids);
    if (mend.empty() && rule.replaces) mend = "Leave `replaces` out of a new rule";
    rule.node.find("id")->fail("the decision \"" + decision + "\" has no rule \"" + rule.id +
                                   "\" to " + (disables ? "disable" : "replace"),
                               mend);
  }

  std::vector<Placed> placed_;
  std::unordered_map<std::string, std::size_t> position_;
};

}  // namespace

std::vector<Rule> merge_rules(DecisionLayers layers, Faults* faults) {
  Merger merger;
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    for (DecisionDocument& document : layers[layer]) {
      for (Rule& rule : document.rules) {
        const std::size_t before = faults != nullptr ? faults->size() : 0;
        const std::string id = rule.id;
        attempt(faults, [&] { merger.add(std::move(rule), document.name, layer); });
        if (faults != nullptr) faults->name_rule(before, id);
      }
    }
  }
  return merger.rules();
}

void sort_by_rank(std::vector<Rule>& rules, HitPolicy hit_policy) {
  if (hit_policy == HitPolicy::kFirst) return;
  std::stable_sort(rules.begin(), rules.end(),
                   [](const Rule& a, const Rule& b) { return a.priority > b.priority; });
}

}  // namespace switchyard
