#include "stages/workshop/golden/golden_outcome.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "engine/error.h"
#include "engine/rule_catalog.h"
#include "engine/text.h"
#include "stages/resolve/asker.h"
#include "stages/resolve/requests.h"
#include "stages/resolve/resolve.h"

namespace switchyard {
namespace {

Value outcome_of(const Resolution& resolution) {
  const auto optional = [](const std::optional<std::string>& text) {
    return text ? Value(*text) : Value();
  };
  Map map{{"task", resolution.task},
          {"optimum_task", resolution.optimum_task},
          {"model_class", resolution.model_class},
          {"source", resolution.source},
          {"library", resolution.library},
          {"composite", resolution.composite},
          {"model_type", resolution.model_type},
          {"onnx_config", optional(resolution.onnx_config)}};
  Map rules;
  for (const Decision& decision : resolution.decisions) {
    // What builds do is a decision of its own; the chain above is in the fields of the outcome.
    if (decision.value.is_map() && decision.name != "composite") {
      map.set(decision.name, decision.value);
    }
    rules.set(decision.name, decision.rule_id);
  }
  map.set("rules", std::move(rules));
  return map;
}

Value outcome_of(const Outcome& outcome) {
  Map map{{"rule", outcome.rule.id}, {"outputs", outcome.outputs}};
  if (!outcome.warnings.empty()) {
    map.set("warnings", List(outcome.warnings.begin(), outcome.warnings.end()));
  }
  return map;
}

// A misspelt fact would count as not set, and the case test nothing.
void check_facts(const RuleBook& rules, const GoldenCase& golden) {
  const std::vector<DeclaredName>& columns = rules.catalog().decision(golden.decision)->columns();
  if (columns.empty()) return;
  std::vector<std::string> names;
  for (const DeclaredName& column : columns) names.push_back(column.name);
  const auto below = [](const std::string& path, const std::string& above) {
    return path.starts_with(above) && path[above.size()] == '.';
  };
  for (const auto& [fact, value] : golden.facts.as_map()) {
    const bool is_read = std::any_of(names.begin(), names.end(), [&](const std::string& column) {
      return fact == column || below(fact, column) || below(column, fact);
    });
    if (is_read) continue;
    std::string mend = did_you_mean(fact, names);
    if (mend.empty()) mend = "It reads " + join_names(names);
    throw Error(ErrorKind::kUsage, {golden.file, static_cast<int>(golden.line)},
                "the decision \"" + golden.decision + "\" reads no fact \"" + fact + "\"",
                std::move(mend));
  }
}

Value table_outcome(const RuleBook& rules, const GoldenCase& golden, Trace* trace) {
  Facts facts;
  for (const auto& [name, value] : golden.facts.as_map()) facts.set(name, value);
  const Asker asker(rules, trace);
  if (rules.collects(golden.decision)) {
    List list;
    for (const Outcome& outcome : asker.collect(golden.decision, facts)) {
      list.push_back(outcome_of(outcome));
    }
    return list;
  }
  const auto outcome = asker.decide(golden.decision, facts);
  return outcome ? outcome_of(*outcome) : Value();
}

}  // namespace

Value golden_outcome(const RuleBook& rules, const Value& request, Trace* trace) {
  try {
    const ResolveRequest parsed = read_request(request);
    return outcome_of(trace != nullptr ? resolve_traced(rules, parsed, *trace)
                                       : resolve(rules, parsed));
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kUsage) throw;
    return Map{{"error", error.message()}};
  }
}

Value golden_outcome(const RuleBook& rules, const GoldenCase& golden, Trace* trace) {
  if (golden.decision.empty()) return golden_outcome(rules, golden.request, trace);
  try {
    rules.collects(golden.decision);
  } catch (const Error& error) {
    if (rules.has_decision(golden.decision)) throw;
    const Place place{golden.file, static_cast<int>(golden.line)};
    throw Error(ErrorKind::kUsage, place, error.message(), error.mend());
  }
  check_facts(rules, golden);
  return table_outcome(rules, golden, trace);
}

}  // namespace switchyard
