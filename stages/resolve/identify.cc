#include "stages/resolve/identify.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <vector>

#include "engine/error.h"
#include "engine/facts.h"
#include "engine/text.h"
#include "stages/resolve/tables.h"

namespace switchyard {
namespace {

[[noreturn]] void fail(const ResolveRequest& request, std::string what, std::string mend = {}) {
  throw Error(ErrorKind::kModel, {request.config_file}, std::move(what), std::move(mend));
}

[[noreturn]] void fail_unknown_type(const RuleBook& rules, const ResolveRequest& request,
                                    const std::string& name, std::string_view where) {
  std::string mend = did_you_mean(name, rules.keys("model_types"));
  if (const Value* remote = request.config.find_path("auto_map"); remote != nullptr) {
    mend =
        "The checkpoint brings its own code (auto_map), which is never run: only model types of "
        "the tables can be used";
  } else if (mend.empty()) {
    mend =
        "Correct its spelling, or add the model type and its classes to the tables model_types "
        "and architectures in an overlay";
  }
  fail(request,
       "the model type '" + shorten(name, 80) + "' " + std::string(where) + " is not known",
       std::move(mend));
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower_char);
  return out;
}

// The model's own name in a Hub id or path: what stands behind the last slash, in lower case.
std::string model_name(std::string_view id) {
  id = trim(id);
  while (!id.empty() && (id.back() == '/' || id.back() == '\\')) id.remove_suffix(1);
  const auto slash = id.find_last_of("/\\");
  return lower(slash == std::string_view::npos ? id : id.substr(slash + 1));
}

void add_classes(const Value* value, std::vector<std::string_view>& out) {
  if (value == nullptr) return;
  if (value->is_string()) out.push_back(value->as_string());
  if (value->is_list()) {
    for (const Value& item : value->as_list()) add_classes(&item, out);
  }
}

// Whether every architecture of the config is a class of the model type. A config without the key
// agrees with every type; one whose architectures are nothing usable agrees with none.
bool architectures_agree(const RuleBook& rules, const Value& config, const std::string& type) {
  const Value* architectures = config.find("architectures");
  if (architectures == nullptr) return true;
  if (!architectures->is_list() || architectures->as_list().empty()) return false;
  const auto row = rules.lookup("model_type_classes", type);
  if (!row) return false;
  std::vector<std::string_view> classes;
  if (const Value* accepted = row->value.find("auto_classes");
      accepted != nullptr && accepted->is_map()) {
    for (const auto& [auto_class, own] : accepted->as_map()) add_classes(&own, classes);
  }
  add_classes(row->value.find("other_classes"), classes);
  return std::ranges::all_of(architectures->as_list(), [&](const Value& item) {
    return item.is_string() && std::ranges::find(classes, item.as_string()) != classes.end();
  });
}

// A config without model_type: the longest model type that is part of the model's name, if the
// config's architectures agree with it.
std::optional<ModelType> type_in_name(const RuleBook& rules, const ResolveRequest& request) {
  std::vector<std::string> names;
  if (request.model_id) names.push_back(model_name(*request.model_id));
  if (const std::string* saved = string_of(request.config.find("_name_or_path"))) {
    names.push_back(model_name(*saved));
  }
  if (names.empty()) return {};
  const std::vector<std::string>& types = rules.keys("model_types");
  for (const std::string& name : names) {
    const std::string* best = nullptr;
    for (const std::string& type : types) {
      if (best != nullptr &&
          (type.size() < best->size() || (type.size() == best->size() && type > *best))) {
        continue;
      }
      if (name.find(lower(type)) != std::string::npos) best = &type;
    }
    if (best == nullptr) continue;
    auto found = find_model_type(rules, *best);
    if (found && architectures_agree(rules, request.config, found->name)) return found;
  }
  return {};
}

// A config.json without model_type can betray the library that wrote it.
std::optional<ModelType> wrapper_type(const Asker& asker, const Value& config) {
  const RuleBook& rules = asker.rules();
  Facts facts;
  facts.set("config", config);
  const auto outcome = asker.decide("wrapped_library", facts, "library",
                                    "what the keys of a config without model_type tell");
  const std::string* library = outcome ? string_of(outcome->get("library")) : nullptr;
  if (library == nullptr) return {};
  const auto row = rules.lookup("libraries", *library);
  const std::string* wrapper = row ? string_of(row->value.find("wrapper")) : nullptr;
  return wrapper != nullptr ? find_model_type(rules, *wrapper) : std::nullopt;
}

Identity of_config(const Asker& asker, const ResolveRequest& request) {
  const RuleBook& rules = asker.rules();
  Identity identity;
  identity.config = request.config;
  if (!request.config.is_map()) {
    fail(request, "the config is " + kind_of(request.config) + ", not an object",
         "config.json must hold the model's configuration, an object in braces");
  }
  if (const Value* written = request.config.find("model_type")) {
    const std::string* name = string_of(written);
    if (name == nullptr) {
      fail(request, "the config's model_type is " + kind_of(*written) + ", not a name",
           "Correct model_type in config.json");
    }
    auto type = find_model_type(rules, *name);
    // A checkpoint's own spelling is exact: only what a user types is read kindly.
    if (!type || type->name != *name) fail_unknown_type(rules, request, *name, "of the config");
    identity.config_type = std::move(*type);
    return identity;
  }
  auto type = wrapper_type(asker, request.config);
  if (!type) type = type_in_name(rules, request);
  if (!type) {
    fail(request, "the config has no model_type, and neither the model's name nor its keys tell it",
         "Add model_type to config.json, for example \"model_type\": \"bert\"");
  }
  identity.config_type = std::move(*type);
  return identity;
}

Identity of_model_type(const RuleBook& rules, const ResolveRequest& request) {
  const std::string& name = *request.options.model_type;
  auto type = find_model_type(rules, name);
  if (!type) fail_unknown_type(rules, request, name, "given with --model-type");
  if (!is_true(type->row.find("standalone"))) {
    fail(request, "a model of type '" + type->name + "' can't be described by its type alone",
         "Give the model itself with -m");
  }
  if (const std::string* own = string_of(type->row.find("config_type"))) {
    if (auto renamed = find_model_type(rules, *own)) type = std::move(renamed);
  }
  Identity identity;
  identity.config = Map{{"model_type", type->name}};
  identity.config_type = std::move(*type);
  return identity;
}

Identity of_model_class(const RuleBook& rules, const ResolveRequest& request) {
  const std::string& name = *request.options.model_class;
  const auto architecture = find_architecture(rules, name);
  if (!architecture) {
    if (rules.lookup("auto_classes", name)) {
      fail(request, "'" + name + "' takes any model, so it tells nothing of which one is meant",
           "Give the model with -m, or its type with --model-type");
    }
    fail(request, "the class '" + shorten(name, 80) + "' is not known",
         did_you_mean(name, rules.keys("architectures")));
  }
  const std::string* type_name = string_of(architecture->find("model_type"));
  auto type = type_name != nullptr ? find_model_type(rules, *type_name) : std::nullopt;
  if (!type) {
    fail(request, "the class '" + name + "' belongs to no model type",
         "Give the model with -m, or its type with --model-type");
  }
  Identity identity;
  identity.config = Map{{"model_type", type->name}, {"architectures", List{name}}};
  identity.config_type = std::move(*type);
  return identity;
}

}  // namespace

Identity identify(const Asker& asker, const ResolveRequest& request) {
  const RuleBook& rules = asker.rules();
  const ResolveOptions& options = request.options;
  Identity identity;
  if (!request.config.is_null()) {
    identity = of_config(asker, request);
    if (options.model_type && !options.model_type->empty() &&
        !folds_to(*options.model_type, identity.config_type.name)) {
      identity.override_type = options.model_type;
    }
  } else if (options.model_type) {
    identity = of_model_type(rules, request);
  } else if (options.model_class) {
    identity = of_model_class(rules, request);
  } else {
    fail(request, "nothing says which model is meant",
         "Give a model with -m, a type with --model-type or a class with --model-class");
  }
  identity.deciding_type = identity.config_type.name;
  identity.deciding_row = identity.config_type.row;
  if (identity.override_type) {
    auto type = find_model_type(rules, *identity.override_type);
    identity.deciding_type = type ? type->name : *identity.override_type;
    identity.deciding_row = type ? type->row : Value();
  }
  return identity;
}

}  // namespace switchyard
