#include "stages/resolve/config_values.h"

#include <optional>

#include "stages/resolve/tables.h"

namespace switchyard {
namespace {

const Value kEmpty{Map{}};

const Value* present(const Map& map, std::string_view key) {
  const Value* value = map.find(key);
  return value != nullptr && !value->is_null() ? value : nullptr;
}

// Defaults that are maps themselves are laid under what is written key by key.
Value laid_under(const Value& written, const Value& defaults) {
  if (!written.is_map() || !defaults.is_map()) return written;
  Map map = written.as_map();
  for (const auto& [key, value] : defaults.as_map()) {
    const Value* own = map.find(key);
    if (own == nullptr) {
      map.set(key, value);
    } else if (own->is_map() && value.is_map()) {
      map.set(key, laid_under(*own, value));
    } else if (own->is_null() && value.is_map()) {
      map.set(key, value);
    }
  }
  return map;
}

std::optional<Value> label_count(const Map& config) {
  if (const Value* count = present(config, "num_labels"); count != nullptr && count->is_int()) {
    return *count;
  }
  if (const Value* labels = present(config, "id2label"); labels != nullptr && labels->is_map()) {
    return Value(static_cast<std::int64_t>(labels->as_map().size()));
  }
  const Value* classes = present(config, "num_classes");
  if (classes == nullptr) {
    const Value* inner = present(config, "pretrained_cfg");
    if (inner != nullptr && inner->is_map()) classes = present(inner->as_map(), "num_classes");
  }
  if (classes != nullptr && classes->is_int()) return *classes;
  return {};
}

// Both names of an attribute, whichever one is written.
void share_names(Map& config, const Value* attribute_map) {
  if (attribute_map == nullptr || !attribute_map->is_map()) return;
  for (const auto& [alias, attribute] : attribute_map->as_map()) {
    if (!attribute.is_string()) continue;
    if (const Value* written = config.find(alias)) {
      Value value = *written;
      config.set(attribute.as_string(), std::move(value));
    } else if (const Value* own = config.find(attribute.as_string())) {
      Value value = *own;
      config.set(alias, std::move(value));
    }
  }
}

// `depth` ends tables that name each other.
Value complete(const RuleBook& rules, const Value& written, const std::string& model_type,
               int depth) {
  Map config = written.is_map() ? written.as_map() : Map{};
  if (auto count = label_count(config)) config.set("num_labels", std::move(*count));
  const auto row = rules.lookup("config_defaults", model_type);
  const Value* aliases = row ? row->value.find("attribute_map") : nullptr;
  // Before the defaults, so that an attribute written under its other name is not overlaid.
  share_names(config, aliases);
  Value value(std::move(config));
  if (row) {
    if (const Value* defaults = row->value.find("defaults")) value = laid_under(value, *defaults);
  }
  if (const auto any = rules.lookup("config_defaults", "any")) {
    if (const Value* defaults = any->value.find("defaults")) value = laid_under(value, *defaults);
  }
  config = value.as_map();
  share_names(config, aliases);
  const auto type = find_model_type(rules, model_type);
  const Value* sub_configs = type ? type->row.find("sub_configs") : nullptr;
  if (sub_configs != nullptr && sub_configs->is_map() && depth > 0) {
    for (const auto& [key, sub_type] : sub_configs->as_map()) {
      const Value* own = config.find(key);
      if (own != nullptr && !own->is_map() && !own->is_null()) continue;
      const Value& sub = own != nullptr && own->is_map() ? *own : kEmpty;
      const std::string* name = string_of(sub.find("model_type"));
      if (name == nullptr || !find_model_type(rules, *name)) name = string_of(&sub_type);
      if (name == nullptr || !find_model_type(rules, *name)) continue;
      config.set(key, complete(rules, sub, *name, depth - 1));
    }
  }
  return config;
}

}  // namespace

Value with_defaults(const RuleBook& rules, const Value& written, const std::string& model_type) {
  return complete(rules, written, model_type, 3);
}

Value with_label_count(const Value& written) {
  if (!written.is_map()) return kEmpty;
  Map config = written.as_map();
  if (auto count = label_count(config)) config.set("num_labels", std::move(*count));
  return config;
}

}  // namespace switchyard
