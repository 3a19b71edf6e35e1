#include "stages/workshop/impact/impact_words.h"

#include "engine/text.h"

namespace switchyard {
namespace {

constexpr std::size_t kLongestValue = 100;

std::string side_text(const ImpactGroup& group, const Value& value, const std::string& rule,
                      bool rules_differ) {
  // Where the outcome is the same, the rules are what there is to see.
  if (!group.outcome && rules_differ) return rule.empty() ? "no rule" : rule;
  std::string text = value_text(value);
  if (rules_differ && !rule.empty() && rule != group.cause.rule) text += " (" + rule + ")";
  return text;
}

}  // namespace

std::string number_text(std::size_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string models_text(std::size_t number) {
  return number_text(number) + (number == 1 ? " model" : " models");
}

std::string cause_text(const Cause& cause) {
  switch (cause.kind) {
    case Cause::Kind::kNewRule:
      return "the new rule " + cause.rule;
    case Cause::Kind::kRemovedRule:
      return "the rule " + cause.rule + " is gone";
    case Cause::Kind::kOtherRule:
      return "the rule " + cause.rule + " wins now";
    case Cause::Kind::kLostRule:
      return "the rule " + cause.rule + " no longer wins, nor does another";
    case Cause::Kind::kSameRule:
      return "the rule " + cause.rule + " has other outputs, or the facts behind it are others";
    case Cause::Kind::kKnowledge:
      return cause.rule.empty() ? "knowledge tables" : "knowledge tables (" + cause.rule + ")";
    case Cause::Kind::kError:
      return "error: " + cause.rule;
  }
  return {};
}

std::string cause_kind(Cause::Kind kind) {
  switch (kind) {
    case Cause::Kind::kNewRule:
      return "new_rule";
    case Cause::Kind::kRemovedRule:
      return "removed_rule";
    case Cause::Kind::kOtherRule:
      return "other_rule";
    case Cause::Kind::kLostRule:
      return "lost_rule";
    case Cause::Kind::kSameRule:
      return "same_rule";
    case Cause::Kind::kKnowledge:
      return "knowledge";
    case Cause::Kind::kError:
      return "error";
  }
  return {};
}

std::string value_text(const Value& value) {
  if (value.is_null()) return "nothing";
  return shorten(value.is_string() ? value.as_string() : value.to_json(), kLongestValue);
}

std::string before_text(const ImpactGroup& group, const ImpactStep& step) {
  return side_text(group, step.before, step.rule_before, step.rule_before != step.rule_after);
}

std::string after_text(const ImpactGroup& group, const ImpactStep& step) {
  return side_text(group, step.after, step.rule_after, step.rule_before != step.rule_after);
}

std::string follows_text(const std::vector<std::pair<std::string, std::size_t>>& follows) {
  std::string text;
  for (const auto& [field, count] : follows) {
    if (!text.empty()) text += ", ";
    text += field + " " + number_text(count);
  }
  return text;
}

}  // namespace switchyard
