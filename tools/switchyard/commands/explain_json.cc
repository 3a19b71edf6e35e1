#include <string>
#include <utility>

#include "tools/switchyard/commands/explain.h"

namespace switchyard {
namespace {

void add_place(Map& map, const Place& place) {
  map.set("file", place.known() ? Value(place.file) : Value());
  map.set("line", place.line > 0 ? Value(place.line) : Value());
  map.set("column", place.column > 0 ? Value(place.column) : Value());
}

Value word(std::string_view text) { return text.empty() ? Value() : Value(text); }

Value decider_json(std::string_view rule, std::string_view source, const Place& place) {
  Map map{{"rule", word(rule)}, {"source", word(source)}};
  add_place(map, place);
  return map;
}

Value considered_json(const Considered& rule) {
  Map map{{"rule", rule.rule.id},
          {"priority", rule.priority},
          {"outcome", rule.won    ? "won"
                      : rule.held ? "outranked"
                                  : "failed"}};
  add_place(map, rule.rule.place());
  Value failed;
  if (!rule.held) {
    Map condition{{"condition", rule.failed_condition}, {"asks", rule.failed_column}};
    add_place(condition, rule.failed_place);
    failed = std::move(condition);
  }
  map.set("failed", std::move(failed));
  return map;
}

Value question_json(const Question& question) {
  List by, facts, rules;
  for (const Outcome& outcome : question.outcomes) {
    Map map = decider_json(outcome.rule.id, outcome.rule.source, outcome.rule.place()).as_map();
    map.set("outputs", outcome.outputs);
    map.set("warnings", List(outcome.warnings.begin(), outcome.warnings.end()));
    by.emplace_back(std::move(map));
  }
  for (const FactRead& fact : question.explanation.facts) {
    facts.push_back(Map{{"fact", fact.path},
                        {"set", fact.value.has_value()},
                        {"value", fact.value ? *fact.value : Value()}});
  }
  for (const Considered& rule : question.explanation.rules) rules.push_back(considered_json(rule));
  Value instead;
  if (question.instead) {
    instead =
        decider_json(question.instead->rule_id, question.instead->source, question.instead->place);
  }
  return Map{{"decision", question.decision}, {"purpose", word(question.purpose)},
             {"value", question.value()},     {"by", std::move(by)},
             {"instead", std::move(instead)}, {"facts", std::move(facts)},
             {"rules", std::move(rules)}};
}

}  // namespace

Value explanation_json(const std::vector<const Question*>& questions) {
  List list;
  for (const Question* question : questions) list.push_back(question_json(*question));
  return list;
}

}  // namespace switchyard
