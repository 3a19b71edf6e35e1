#include "stages/resolve/chain.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/error.h"
#include "engine/text.h"
#include "stages/resolve/config_values.h"
#include "stages/resolve/model_class.h"
#include "stages/resolve/tables.h"
#include "stages/resolve/tensors.h"

namespace switchyard {

Chain::Chain(const RuleBook& rules, const ResolveRequest& request, Trace* trace)
    : rules_(rules),
      request_(request),
      asker_(rules, trace),
      identity_(identify(asker_, request)) {}

void Chain::fail(std::string what, std::string mend) const {
  throw Error(ErrorKind::kModel, {request_.config_file}, std::move(what), std::move(mend));
}

std::optional<Outcome> Chain::ask(std::string_view decision, std::string_view value_of) {
  auto outcome = asker_.decide(decision, facts_, value_of);
  if (!outcome) return {};
  const Value* value = value_of.empty() ? &outcome->outputs : outcome->get(value_of);
  out_.decisions.push_back({std::string(decision), value != nullptr ? *value : Value(),
                            std::string(outcome->rule.id), outcome->rule.place(),
                            std::string(outcome->rule.source)});
  for (std::string& warning : outcome->warnings) out_.warnings.push_back(std::move(warning));
  return outcome;
}

void Chain::decide_library() {
  const auto wrapped = ask("wrapped_library", "library");
  const std::string* name = wrapped ? string_of(wrapped->get("library")) : nullptr;
  if (name != nullptr) facts_.set("wrapped_library", *name);

  const auto library = ask("library", "library");
  const std::string* chosen = library ? string_of(library->get("library")) : nullptr;
  if (chosen == nullptr) fail("no rule decided the library");
  out_.library = *chosen;
  facts_.set("library", out_.library);

  // What a model type can be exported for is its own library's matter, whatever the user named.
  std::string own_library = out_.library;
  if (request_.options.library) {
    Facts own;
    own.set("model_type", identity_.deciding_type);
    if (name != nullptr) own.set("wrapped_library", *name);
    const auto outcome =
        asker_.decide("library", own, "library", "what the model type itself is exported with");
    const std::string* owner = outcome ? string_of(outcome->get("library")) : nullptr;
    if (owner != nullptr) own_library = *owner;
  }
  const auto supported =
      rules_.lookup("supported_tasks", registry_key(rules_, own_library, identity_.deciding_type));
  if (supported && supported->value.is_list() && !supported->value.as_list().empty()) {
    facts_.set("library.supported_tasks", supported->value);
  }
  if (request_.pipeline_tag) {
    const std::string tag = canonical_task(rules_, *request_.pipeline_tag);
    facts_.set("pipeline_task",
               Map{{"name", tag}, {"exportable", supported && names(supported->value, tag)}});
  }
}

void Chain::decide_task() {
  const auto outcome = ask("task", "task");
  if (!outcome) fail("no rule decided the task", "Say --task");
  if (const std::string* error = string_of(outcome->get("error"))) {
    fail(*error, "Say --task, or name another class with --model-class");
  }
  const std::string* task = string_of(outcome->get("task"));
  if (task == nullptr) {
    fail("rule '" + std::string(outcome->rule.id) + "' gives no task", "Correct the rule");
  }
  task_ = *task;
  as_written_ = is_true(outcome->get("as_written"));
  out_.last_resort = is_true(outcome->get("last_resort"));
  out_.source = std::string(outcome->rule.source);
  facts_.set("source", out_.source);
  facts_.set("task", task_);
  if (as_written_) return;
  const auto upgrade = ask("task_upgrade", "task");
  if (const std::string* upgraded = upgrade ? string_of(upgrade->get("task")) : nullptr) {
    task_ = *upgraded;
    facts_.set("task", task_);
  }
}

void Chain::decide_class() {
  const bool named = request_.options.model_class.has_value();
  ClassChoice choice = named ? named_class(asker_, task_, *request_.options.model_class, facts_)
                             : choose_class(asker_, task_, identity_.deciding_type, facts_);
  if (choice.name.empty()) {
    if (named) {
      fail(std::move(choice.why_none),
           did_you_mean(*request_.options.model_class, rules_.keys("architectures")));
    }
    if (as_written_) {
      pure_composite_ = std::move(choice.why_none);
      return;
    }
    // What was detected on a head is served by the head's own class.
    const Value* known = facts_.find("architecture.known");
    if (!is_true(known)) fail(std::move(choice.why_none), "Say --task");
    choice.name = facts_.find("architecture.name")->as_string();
    choice.decision = {"model_class", choice.name, {}, {}, "architecture"};
  }
  if (!choice.by_rule) asker_.decided_instead(choice.decision);
  out_.model_class = choice.name;
  own_config_ = choice.own_config;
  out_.decisions.push_back(std::move(choice.decision));
}

void Chain::decide_modality() {
  out_.task = task_;
  const auto main_input = ask("main_input", "main_input_name");
  if (const Value* name = main_input ? main_input->get("main_input_name") : nullptr) {
    facts_.set("main_input_name", *name);
  }
  if (as_written_) return;
  const auto upgrade = ask("modality", "task");
  if (const std::string* task = upgrade ? string_of(upgrade->get("task")) : nullptr) {
    out_.task = *task;
  }
}

void Chain::decide_composite() {
  const bool detected = !as_written_ && !request_.options.model_class;
  if (request_.options.model_class) return;
  if (detected) facts_.set("detected_task", task_);
  const std::vector<Outcome> found = asker_.collect("composite", facts_, "sub_models");
  const Outcome* first = nullptr;
  std::vector<std::string> pipelines;
  bool differ = false;
  for (const Outcome& outcome : found) {
    const Value* parts = outcome.get("sub_models");
    if (parts == nullptr) continue;
    if (first == nullptr) first = &outcome;
    differ = differ || !(*parts == *first->get("sub_models"));
    if (const std::string* name = string_of(outcome.get("pipeline"))) pipelines.push_back(*name);
  }
  if (differ) {
    fail("a model of type '" + identity_.deciding_type + "' can be exported as several pipelines",
         "Choose one with --task: " + join_names(pipelines, " or "));
  }
  if (first != nullptr) {
    out_.composite = *first->get("sub_models");
    out_.decisions.push_back({"composite", out_.composite, std::string(first->rule.id),
                              first->rule.place(), std::string(first->rule.source)});
  }
  if (!out_.model_class.empty()) return;
  const std::string* shown = first != nullptr ? string_of(first->get("class")) : nullptr;
  if (shown == nullptr) {
    std::vector<std::string> known = rules_.keys("task_classes");
    std::erase(known, task_);
    std::string mend = did_you_mean(task_, known);
    fail(pure_composite_,
         mend.empty() ? "Say another --task, or name a class with --model-class" : std::move(mend));
  }
  out_.model_class = *shown;
  out_.decisions.push_back(
      {"model_class", *shown, std::string(first->rule.id), first->rule.place(), "composite"});
  asker_.decided_instead(out_.decisions.back());
}

void Chain::narrow_config() {
  out_.model_type = identity_.config_type.name;
  out_.config = identity_.config;
  const auto chosen = find_architecture(rules_, out_.model_class);
  const std::string* key = chosen && !own_config_ ? string_of(chosen->find("config_key")) : nullptr;
  if (key != nullptr) {
    const Value* written = identity_.config.find(*key);
    const Value* declared = identity_.config_type.row.find_path("sub_configs");
    declared = declared != nullptr ? declared->find(*key) : nullptr;
    if ((written != nullptr && !written->is_null()) || declared != nullptr) {
      const std::string* type =
          written != nullptr ? string_of(written->find("model_type")) : nullptr;
      if (type == nullptr && declared != nullptr && declared->is_string() &&
          find_model_type(rules_, declared->as_string())) {
        type = &declared->as_string();
      }
      if (type == nullptr) type = string_of(chosen->find("model_type"));
      if (type != nullptr) out_.model_type = *type;
      out_.config_part = *key;
      out_.config = written != nullptr && written->is_map() ? *written : Value(Map{});
    }
  }
  config_type_ = out_.model_type;
  if (identity_.override_type) out_.model_type = *identity_.override_type;
}

void Chain::decide_export() {
  out_.optimum_task = optimum_task(rules_, out_.task);
  facts_.set("optimum_task", out_.optimum_task);
  facts_.set("task", out_.task);
  facts_.set("model_class", out_.model_class);
  facts_.set("model_type", out_.model_type);
  facts_.set("model_type_key", fold(out_.model_type));

  registry_key_ = registry_key(rules_, out_.library, out_.model_type);
  out_.onnx_config = onnx_config_name(rules_, registry_key_, out_.optimum_task);
  if (out_.onnx_config) {
    if (const auto outcome = asker_.decide("unexportable", facts_, "reason")) {
      out_.onnx_config.reset();
      const std::string* reason = string_of(outcome->get("reason"));
      if (reason != nullptr) out_.warnings.push_back(*reason);
    }
  }
  const auto exporter = ask("exporter");
  const std::string* recipe = exporter ? string_of(exporter->get("recipe")) : nullptr;
  if (recipe != nullptr && rules_.recipe(*recipe)) out_.recipe = *recipe;
}

void Chain::decide_plan() {
  if (facts_.find("wrapped_library") != nullptr) {
    out_.config = with_label_count(out_.config);
  } else {
    // The values are the checkpoint's, whatever type the user had decide.
    const Value whole = with_defaults(rules_, identity_.config, identity_.config_type.name);
    const Value* part = out_.config_part.empty() ? nullptr : whole.find(out_.config_part);
    out_.config = part != nullptr ? with_defaults(rules_, *part, config_type_) : whole;
  }
  const auto tensors =
      out_.onnx_config ? onnx_tensors(rules_, registry_key_, out_.optimum_task) : std::nullopt;
  if (tensors) {
    const auto specs = [&](std::string_view side) {
      return tensor_specs(rules_, tensors->find(side), out_.task, out_.optimum_task, out_.config);
    };
    out_.inputs = specs("inputs");
    out_.outputs = specs("outputs");
  }
  for (const std::string_view decision :
       {"precision", "optimization", "calibration", "calibration_fallback", "evaluator"}) {
    ask(decision);
  }
}

Resolution Chain::run(bool with_plan) {
  gather_facts();
  decide_library();
  decide_task();
  decide_class();
  decide_modality();
  decide_composite();
  narrow_config();
  decide_export();
  if (with_plan) decide_plan();
  return std::move(out_);
}

}  // namespace switchyard
