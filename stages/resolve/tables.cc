#include "stages/resolve/tables.h"

#include <algorithm>

namespace switchyard {

const std::string* string_of(const Value* value) {
  return value != nullptr && value->is_string() ? &value->as_string() : nullptr;
}

std::string kind_of(const Value& value) {
  if (value.is_null()) return "null";
  return (value.is_int() ? "an " : "a ") + std::string(value.kind_name());
}

bool is_true(const Value* value) {
  return value != nullptr && value->is_bool() && value->as_bool();
}

bool names(const Value& value, std::string_view text) {
  if (value.is_string()) return value.as_string() == text;
  if (!value.is_list()) return false;
  return std::ranges::any_of(value.as_list(), [&](const Value& item) {
    return item.is_string() && item.as_string() == text;
  });
}

std::optional<ModelType> find_model_type(const RuleBook& rules, std::string_view name) {
  auto row = rules.lookup("model_types", name);
  if (!row) return {};
  return ModelType{std::string(row->key), std::move(row->value)};
}

std::optional<Value> find_architecture(const RuleBook& rules, std::string_view name) {
  auto row = rules.lookup("architectures", name);
  if (!row) return {};
  return std::move(row->value);
}

std::string canonical_task(const RuleBook& rules, const std::string& task) {
  const auto row = rules.lookup("synonyms", task);
  if (!row) return task;
  const std::string* canonical = string_of(row->value.find("canonical"));
  return canonical != nullptr ? *canonical : task;
}

std::string optimum_task(const RuleBook& rules, const std::string& task) {
  const auto row = rules.lookup("synonyms", task);
  if (!row) return task;
  const std::string* own = string_of(row->value.find("optimum_task"));
  if (own == nullptr) own = string_of(row->value.find("canonical"));
  return own != nullptr ? *own : task;
}

std::string registry_key(const RuleBook& rules, const std::string& library,
                         const std::string& model_type) {
  const auto row = rules.lookup("libraries", library);
  const std::string* shared = row ? string_of(row->value.find("registered_as")) : nullptr;
  return library + "/" + (shared != nullptr ? *shared : model_type);
}

std::optional<std::string> onnx_config_name(const RuleBook& rules, const std::string& key,
                                            std::string_view task) {
  const auto row = rules.lookup("onnx_configs", key);
  const std::string* name = row ? string_of(row->value.find(task)) : nullptr;
  return name != nullptr ? std::optional(*name) : std::nullopt;
}

std::optional<Value> onnx_tensors(const RuleBook& rules, const std::string& key,
                                  std::string_view task) {
  const auto row = rules.lookup("onnx_tensors", key);
  if (!row || !row->value.is_list()) return {};
  for (const Value& entry : row->value.as_list()) {
    const Value* tasks = entry.find("tasks");
    if (tasks != nullptr && names(*tasks, task)) return entry;
  }
  return {};
}

}  // namespace switchyard
