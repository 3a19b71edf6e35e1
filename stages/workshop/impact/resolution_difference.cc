#include "stages/workshop/impact/resolution_difference.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "engine/error.h"
#include "stages/resolve/chain.h"

namespace switchyard {
namespace {

// Of two maps what differs, below each other; anything else as it is.
std::pair<Value, Value> what_differs(const Value& before, const Value& after) {
  if (!before.is_map() || !after.is_map()) return {before, after};
  Map was, is;
  for (const auto& [key, value] : before.as_map()) {
    const Value* other = after.find(key);
    if (other == nullptr) {
      was.set(key, value);
    } else if (!(*other == value)) {
      auto [a, b] = what_differs(value, *other);
      was.set(key, std::move(a));
      is.set(key, std::move(b));
    }
  }
  for (const auto& [key, value] : after.as_map()) {
    if (before.find(key) == nullptr) is.set(key, value);
  }
  return {std::move(was), std::move(is)};
}

// The chain's decisions of both sides, the same ones beside each other. Where one side failed, what
// comes behind is not compared.
std::vector<std::pair<const Decision*, const Decision*>> aligned(const Attempt& before,
                                                                 const Attempt& after) {
  const std::vector<Decision>& a = before.resolution.decisions;
  const std::vector<Decision>& b = after.resolution.decisions;
  const auto is_in = [](const std::vector<Decision>& list, std::size_t from, const Decision& one) {
    return std::any_of(list.begin() + static_cast<std::ptrdiff_t>(from), list.end(),
                       [&](const Decision& other) { return other.name == one.name; });
  };
  std::vector<std::pair<const Decision*, const Decision*>> pairs;
  std::size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    if ((i == a.size() && before.error) || (j == b.size() && after.error)) break;
    if (i < a.size() && j < b.size() && a[i].name == b[j].name) {
      pairs.emplace_back(&a[i++], &b[j++]);
    } else if (i < a.size() && !is_in(b, j, a[i])) {
      pairs.emplace_back(&a[i++], nullptr);
    } else if (j < b.size()) {
      pairs.emplace_back(nullptr, &b[j++]);
    } else {
      pairs.emplace_back(&a[i++], nullptr);
    }
  }
  return pairs;
}

// Fills `fields` and remembers where the rules of each stand.
class Comparison {
 public:
  void decision(const Decision* before, const Decision* after) {
    static const Decision kNone;
    const Decision& was = before != nullptr ? *before : kNone;
    const Decision& is = after != nullptr ? *after : kNone;
    const bool same_value = (before != nullptr) == (after != nullptr) && was.value == is.value;
    if (same_value && was.rule_id == is.rule_id && was.source == is.source) return;
    auto [a, b] = same_value ? std::pair(was.value, is.value) : what_differs(was.value, is.value);
    fields.push_back({before != nullptr ? was.name : is.name, !same_value, std::move(a),
                      std::move(b), was.rule_id, is.rule_id});
    if (same_value && was.rule_id == is.rule_id) {
      fields.back().before = was.source;
      fields.back().after = is.source;
    }
    decisions.emplace_back(before, after);
  }

  void result(const char* name, const Value& before, const Value& after) {
    if (before == after) return;
    auto [a, b] = what_differs(before, after);
    fields.push_back({name, true, std::move(a), std::move(b), {}, {}});
    decisions.emplace_back(nullptr, nullptr);
  }

  std::vector<FieldChange> fields;
  std::vector<std::pair<const Decision*, const Decision*>> decisions;  // of each field
};

Value optional_value(const std::optional<std::string>& text) {
  return text ? Value(*text) : Value();
}

Value tensors(const std::vector<TensorSpec>& specs) {
  Map map;
  for (const TensorSpec& spec : specs) {
    map.set(spec.name,
            Map{{"dtype", spec.dtype}, {"dims", spec.dims_known ? Value(spec.dims) : Value()}});
  }
  return map;
}

Value list_of(const std::vector<std::string>& texts) {
  List list;
  for (const std::string& text : texts) list.emplace_back(text);
  return list;
}

void compare_results(const Resolution& a, const Resolution& b, Comparison& out) {
  out.result("surfaced_task", a.task, b.task);
  out.result("optimum_task", a.optimum_task, b.optimum_task);
  out.result("model_type", a.model_type, b.model_type);
  out.result("onnx_config", optional_value(a.onnx_config), optional_value(b.onnx_config));
  out.result("recipe", optional_value(a.recipe), optional_value(b.recipe));
  out.result("inputs", tensors(a.inputs), tensors(b.inputs));
  out.result("outputs", tensors(a.outputs), tensors(b.outputs));
  out.result("config", a.config, b.config);
  out.result("warnings", list_of(a.warnings), list_of(b.warnings));
}

// A message without the names in it, so that like ones are one cause. An apostrophe inside a word
// is no quotation mark.
std::string without_names(const std::string& message) {
  const auto is_letter = [&](std::size_t i) {
    return i < message.size() && std::isalnum(static_cast<unsigned char>(message[i])) != 0;
  };
  std::string text;
  bool quoted = false;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const bool mark =
        message[i] == '\'' && (quoted ? !is_letter(i + 1) : i == 0 || !is_letter(i - 1));
    if (mark) {
      quoted = !quoted;
      text += quoted ? "'..." : "'";
    } else if (!quoted) {
      text += message[i];
    }
  }
  return text;
}

// Where the change begins: at the first value that differs, unless its rule is the same as before
// and an earlier decision came from another rule.
std::size_t beginning(const std::vector<FieldChange>& fields) {
  const auto found = std::ranges::find_if(fields, [](const auto& field) { return field.outcome; });
  if (found == fields.end() || found == fields.begin()) return 0;
  if (found->rule_before != found->rule_after) {
    return static_cast<std::size_t>(found - fields.begin());
  }
  const auto other = std::find_if(fields.begin(), found, [](const FieldChange& field) {
    return field.rule_before != field.rule_after;
  });
  return static_cast<std::size_t>(other - fields.begin());
}

Cause cause_of(const RuleSets& sets, const FieldChange& field, const Decision* before,
               const Decision* after) {
  Cause cause;
  cause.field = field.field;
  if (before == nullptr && after == nullptr) {
    if (field.field != "error") return cause;
    cause.kind = Cause::Kind::kError;
    const Value& message = field.after.is_null() ? field.before : field.after;
    cause.rule = without_names(message.as_string());
    return cause;
  }
  // A class may come from the table of composites.
  const auto in = [&](const RuleSet& set, const std::string& id) {
    return set.has_rule(field.field, id) || set.has_rule("composite", id);
  };
  const auto is_rule = [&](const std::string& id) {
    return !id.empty() && (in(sets.before, id) || in(sets.after, id));
  };
  const bool was_rule = is_rule(field.rule_before), now_rule = is_rule(field.rule_after);
  const auto name = [&](Cause::Kind kind, const Decision& decision) {
    cause.kind = kind;
    cause.rule = decision.rule_id;
    cause.place = decision.place;
  };
  if (was_rule && now_rule && field.rule_before == field.rule_after) {
    name(Cause::Kind::kSameRule, *after);
  } else if (now_rule && !in(sets.before, field.rule_after)) {
    name(Cause::Kind::kNewRule, *after);
  } else if (was_rule && !in(sets.after, field.rule_before)) {
    name(Cause::Kind::kRemovedRule, *before);
  } else if (now_rule) {
    name(Cause::Kind::kOtherRule, *after);
  } else if (was_rule) {
    name(Cause::Kind::kLostRule, *before);
  } else {
    name(Cause::Kind::kKnowledge, after != nullptr ? *after : *before);
  }
  return cause;
}

}  // namespace

Attempt try_request(const RuleBook& rules, const ResolveRequest& request) {
  Attempt attempt;
  std::optional<Chain> chain;
  try {
    chain.emplace(rules, request);
    attempt.resolution = chain->run(/*with_plan=*/true);
  } catch (const Error& error) {
    attempt.error = error.message();
    if (chain) attempt.resolution = chain->so_far();
  }
  return attempt;
}

std::optional<ModelChange> difference(const RuleSets& sets, const Attempt& before,
                                      const Attempt& after) {
  if (before.error && before.error == after.error) return {};
  Comparison comparison;
  for (const auto& [was, is] : aligned(before, after)) comparison.decision(was, is);
  if (!before.error && !after.error) {
    compare_results(before.resolution, after.resolution, comparison);
  } else {
    comparison.result("error", optional_value(before.error), optional_value(after.error));
  }
  if (comparison.fields.empty()) return {};
  ModelChange change;
  change.fields = std::move(comparison.fields);
  change.begins_at = beginning(change.fields);
  change.outcome = std::ranges::any_of(change.fields, [](const auto& f) { return f.outcome; });
  const auto& [was, is] = comparison.decisions[change.begins_at];
  change.cause = cause_of(sets, change.fields[change.begins_at], was, is);
  return change;
}

}  // namespace switchyard
