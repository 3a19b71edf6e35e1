#include "engine/layer_merge.h"

#include <algorithm>
#include <unordered_map>

#include "engine/text.h"

namespace switchyard {

namespace {

template <typename Use>
void for_each_document(const DecisionLayers& layers, Use use) {
  for (const auto& documents : layers) {
    for (const DecisionDocument& document : documents) use(document);
  }
}

void require_declared(const std::string& name, const std::vector<std::string>& declared,
                      const char* what, const YamlNode& node) {
  const bool covered = std::any_of(declared.begin(), declared.end(), [&](const std::string& known) {
    return name == known || (name.starts_with(known) && name[known.size()] == '.');
  });
  if (covered) return;
  std::string mend = did_you_mean(name, declared);
  if (mend.empty()) mend = "Declare it, or use one of " + join_names(declared, " or ");
  node.fail("\"" + name + "\" is not a declared " + what + " of this decision", mend);
}

void check_columns(const Conjunction& conditions, const std::vector<std::string>& declared) {
  for (const Clause& clause : conditions) {
    if (clause.kind == Clause::Kind::kColumn) {
      require_declared(clause.name, declared, "column", clause.source);
    }
    for (const Conjunction& branch : clause.branches) check_columns(branch, declared);
  }
}

void check_outputs(const Rule& rule, const std::vector<std::string>& declared) {
  const YamlNode* then = rule.node.find("then");
  if (then == nullptr || rule.then.kind != Template::Kind::kMap) {
    if (!rule.then.literal.is_map()) return;
    for (const Map::Entry& entry : rule.then.literal.as_map()) {
      const YamlNode* value = then != nullptr ? then->find(entry.first) : nullptr;
      require_declared(entry.first, declared, "output", value != nullptr ? *value : rule.node);
    }
    return;
  }
  for (const YamlEntry& entry : then->entries()) {
    require_declared(entry.key, declared, "output", entry.value);
  }
}

}  // namespace

HitPolicy merged_hit_policy(const DecisionLayers& layers) {
  const DecisionDocument* declared_by = nullptr;
  for_each_document(layers, [&](const DecisionDocument& document) {
    if (!document.hit_policy) return;
    if (declared_by == nullptr) {
      declared_by = &document;
    } else if (document.hit_policy != declared_by->hit_policy) {
      document.node.find("hit_policy")
          ->fail("the decision \"" + document.name + "\" has another hit policy at " +
                     declared_by->node.find("hit_policy")->place().str(),
                 "Leave `hit_policy` out here");
    }
  });
  return declared_by != nullptr ? *declared_by->hit_policy : HitPolicy::kPriority;
}

void check_declared_names(const DecisionLayers& layers) {
  std::vector<std::string> columns, outputs;
  for_each_document(layers, [&](const DecisionDocument& document) {
    columns.insert(columns.end(), document.columns.begin(), document.columns.end());
    outputs.insert(outputs.end(), document.outputs.begin(), document.outputs.end());
  });
  for_each_document(layers, [&](const DecisionDocument& document) {
    for (const Rule& rule : document.rules) {
      if (!columns.empty()) {
        check_columns(rule.when, columns);
        for (const Warning& warning : rule.warnings) check_columns(warning.when, columns);
      }
      if (!outputs.empty()) check_outputs(rule, outputs);
    }
  });
}

std::vector<Rule> merge_rules(DecisionLayers layers) {
  struct Placed {
    Rule rule;
    std::size_t first_layer;  // that brought the id
    std::size_t last_layer;   // that changed it
  };
  std::vector<Placed> placed;
  std::unordered_map<std::string, std::size_t> position;
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    for (DecisionDocument& document : layers[layer]) {
      for (Rule& rule : document.rules) {
        const auto [found, is_new] = position.emplace(rule.id, placed.size());
        if (is_new) {
          if (layer > 0 && rule.disabled) {
            std::vector<std::string> ids;
            for (const Placed& other : placed) ids.push_back(other.rule.id);
            rule.node.find("id")->fail(
                "the decision \"" + document.name + "\" has no rule \"" + rule.id + "\" to disable",
                did_you_mean(rule.id, ids));
          }
          placed.push_back({std::move(rule), layer, layer});
          continue;
        }
        Placed& earlier = placed[found->second];
        if (earlier.last_layer == layer) {
          rule.node.find("id")->fail("the rule id \"" + rule.id + "\" is used before, at " +
                                         earlier.rule.node.place().str(),
                                     "Give every rule an id of its own");
        }
        earlier.rule = std::move(rule);
        earlier.last_layer = layer;
      }
    }
  }
  std::stable_sort(placed.begin(), placed.end(),
                   [](const Placed& a, const Placed& b) { return a.first_layer > b.first_layer; });
  std::vector<Rule> rules;
  rules.reserve(placed.size());
  for (Placed& entry : placed) {
    if (!entry.rule.disabled) rules.push_back(std::move(entry.rule));
  }
  return rules;
}

}  // namespace switchyard
