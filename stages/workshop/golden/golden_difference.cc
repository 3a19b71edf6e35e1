#include "stages/workshop/golden/golden_difference.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "stages/workshop/golden/coverage.h"

namespace switchyard {
namespace {

constexpr std::string_view kRules = "rules";
constexpr std::string_view kError = "error";
constexpr std::string_view kExpect = "expect";

// Which decisions answer for a field, the one that speaks last first. Other fields are decisions.
struct FieldDecisions {
  std::string_view field;
  std::array<std::string_view, 3> decisions;
};
constexpr FieldDecisions kFields[] = {
    {"task", {"modality", "task_upgrade", "task"}},
    {"optimum_task", {"task_upgrade", "task", {}}},
    {"source", {"task", {}, {}}},
    {"model_type", {"model_class", {}, {}}},
    {"onnx_config", {"unexportable", "task_upgrade", "task"}},
    {kExpect, {"task", {}, {}}},
};

std::vector<std::string_view> decisions_of(std::string_view field) {
  if (field.starts_with(kRules) && field.size() > kRules.size()) {
    return {field.substr(kRules.size() + 1)};
  }
  const std::string_view first = field.substr(0, field.find('.'));
  for (const FieldDecisions& known : kFields) {
    if (known.field != first) continue;
    std::vector<std::string_view> names(known.decisions.begin(), known.decisions.end());
    std::erase(names, std::string_view{});
    return names;
  }
  return {first};
}

const std::string* text_at(const Value& map, std::string_view key) {
  const Value* value = map.find(key);
  return value != nullptr && value->is_string() && !value->as_string().empty() ? &value->as_string()
                                                                               : nullptr;
}

class Comparison {
 public:
  Comparison(const RuleBook& rules, const GoldenCase& golden, const Value& actual,
             const Trace& trace)
      : rules_(rules), golden_(golden), actual_(actual), trace_(trace) {}

  std::vector<GoldenDifference> run() {
    const Value expected = golden_.expect ? *golden_.expect : Value();
    if (!golden_.expect) {
      add(std::string(kExpect), {}, actual_);
    } else if (golden_.decision.empty() &&
               (expected.find(kError) == nullptr) != (actual_.find(kError) == nullptr)) {
      // An outcome in place of an error or the reverse: one difference, not one for every field.
      add(std::string(kExpect), expected, actual_);
    } else if (expected.is_list() && actual_.is_list()) {
      compare_lists(expected.as_list(), actual_.as_list());
    } else if (expected.is_map() && actual_.is_map()) {
      compare_maps(expected.as_map(), actual_.as_map(), "");
    } else if (!(expected == actual_)) {
      add(std::string(kExpect), expected, actual_);
    }
    drop_named_rules();
    return std::move(differences_);
  }

 private:
  void compare(const std::string& field, const Value& was, const Value& is) {
    if (was == is) return;
    const auto none = [](const Value& v) { return v.is_null() || v == Value(List{}); };
    if (field.ends_with("warnings") && none(was) && none(is)) return;
    if (was.is_map() && is.is_map() && field != "composite") {
      compare_maps(was.as_map(), is.as_map(), field + ".");
    } else {
      add(field, was, is);
    }
  }

  void compare_maps(const Map& was, const Map& is, const std::string& prefix) {
    for (const auto& [key, value] : was) {
      const Value* now = is.find(key);
      compare(prefix + key, value, now != nullptr ? *now : Value());
    }
    for (const auto& [key, value] : is) {
      if (was.find(key) == nullptr) compare(prefix + key, Value(), value);
    }
  }

  // Of a table that collects: rules by their ids, then their order.
  void compare_lists(const List& was, const List& is) {
    const auto by_id = [](const List& list, const Value* id) -> const Value* {
      const auto same = [&](const Value& item) {
        return id != nullptr && item.find("rule") != nullptr && *item.find("rule") == *id;
      };
      const auto found = std::find_if(list.begin(), list.end(), same);
      return found != list.end() ? &*found : nullptr;
    };
    const auto name_of = [](const Value& item) {
      const std::string* id = text_at(item, "rule");
      return id != nullptr ? *id : std::string("?");
    };
    const std::size_t before = differences_.size();
    for (const Value& item : was) {
      const Value* now = by_id(is, item.find("rule"));
      compare(name_of(item), item, now != nullptr ? *now : Value());
    }
    for (const Value& item : is) {
      if (by_id(was, item.find("rule")) == nullptr) compare(name_of(item), Value(), item);
    }
    if (differences_.size() != before) return;
    const auto ids = [&](const List& list) {
      List names;
      for (const Value& item : list) names.emplace_back(name_of(item));
      return Value(std::move(names));
    };
    if (!(ids(was) == ids(is))) add("order", ids(was), ids(is));
  }

  void add(std::string field, Value expected, Value actual) {
    GoldenDifference difference;
    difference.file = golden_.file;
    difference.line = golden_.line;
    difference.name = golden_.name;
    if (golden_.decision.empty()) {
      difference.before = answering(golden_.expect ? *golden_.expect : Value(), field);
      difference.after = answering(actual_, field);
      if (actual.find(kError) != nullptr) difference.after = last_asked();
    } else {
      difference.before = rule_of(expected, golden_.expect);
      difference.after = rule_of(actual, actual_);
    }
    if (difference.before) difference.before->fate = fate_of(*difference.before);
    difference.field = std::move(field);
    difference.expected = std::move(expected);
    difference.actual = std::move(actual);
    differences_.push_back(std::move(difference));
  }

  // By the ids under "rules" of an outcome of the chain.
  std::optional<Responsible> answering(const Value& outcome, std::string_view field) const {
    const Value* ids = outcome.find(kRules);
    if (ids == nullptr) return std::nullopt;
    for (const std::string_view decision : decisions_of(field)) {
      if (const std::string* id = text_at(*ids, decision)) return located(decision, *id);
    }
    return std::nullopt;
  }

  // Of a single table: the value's own rule, or the one of the whole outcome.
  std::optional<Responsible> rule_of(const Value& value,
                                     const std::optional<Value>& outcome) const {
    const std::string* id = text_at(value, "rule");
    if (id == nullptr && outcome) id = text_at(*outcome, "rule");
    if (id == nullptr) return std::nullopt;
    return located(golden_.decision, *id);
  }

  // An error comes of what was asked last.
  std::optional<Responsible> last_asked() const {
    if (trace_.questions.empty()) return std::nullopt;
    const Question& question = trace_.questions.back();
    if (question.outcomes.empty()) return std::nullopt;
    return located(question.decision, std::string(question.outcomes.front().rule.id));
  }

  Responsible located(std::string_view decision, const std::string& id) const {
    Responsible responsible{std::string(decision), id, {}, {}};
    if (const Considered* rule = considered(decision, id)) {
      responsible.place = rule->rule.place();
    } else if (const Question* question = last(decision);
               question != nullptr && question->instead && question->instead->rule_id == id) {
      responsible.place = question->instead->place;
    } else if (rules_.has_decision(decision)) {
      for (const RuleRef& rule : rules_in_force(rules_, decision)) {
        if (rule.id == id) responsible.place = rule.place();
      }
    }
    return responsible;
  }

  const Question* last(std::string_view decision) const {
    const auto found = std::find_if(
        trace_.questions.rbegin(), trace_.questions.rend(), [&](const Question& question) {
          return question.decision == decision && question.purpose.empty();
        });
    return found != trace_.questions.rend() ? &*found : nullptr;
  }

  const Considered* considered(std::string_view decision, std::string_view id) const {
    const Question* question = last(decision);
    if (question == nullptr) return nullptr;
    for (const Considered& rule : question->explanation.rules) {
      if (rule.rule.id == id) return &rule;
    }
    return nullptr;
  }

  std::string fate_of(const Responsible& rule) const {
    if (const Considered* now = considered(rule.decision, rule.id)) {
      if (now->won) return {};
      return now->held ? "outranked" : "failed at " + now->failed_condition;
    }
    if (rules_.has_knowledge(rule.id)) return {};
    return rule.place.known() ? "not asked" : "no longer in force";
  }

  // The change of a rule that another difference tells needs no line of its own.
  void drop_named_rules() {
    const std::string prefix = std::string(kRules) + '.';
    std::erase_if(differences_, [&](const GoldenDifference& dropped) {
      if (!golden_.decision.empty() || !dropped.field.starts_with(prefix)) return false;
      const std::string decision = dropped.field.substr(prefix.size());
      const auto tells = [&](const std::optional<Responsible>& side, const Value& id) {
        return id.is_null() || (side && side->decision == decision && Value(side->id) == id);
      };
      return std::any_of(differences_.begin(), differences_.end(), [&](const GoldenDifference& d) {
        return !d.field.starts_with(prefix) && tells(d.before, dropped.expected) &&
               tells(d.after, dropped.actual) && (d.before || d.after);
      });
    });
  }

  const RuleBook& rules_;
  const GoldenCase& golden_;
  const Value& actual_;
  const Trace& trace_;
  std::vector<GoldenDifference> differences_;
};

}  // namespace

std::string GoldenDifference::str() const {
  return file + ":" + std::to_string(line) + ": " + name + ": " + field + ": expected " +
         expected.to_json() + ", is " + actual.to_json();
}

std::vector<GoldenDifference> golden_differences(const RuleBook& rules, const GoldenCase& golden,
                                                 const Value& actual, const Trace& trace) {
  return Comparison(rules, golden, actual, trace).run();
}

}  // namespace switchyard
