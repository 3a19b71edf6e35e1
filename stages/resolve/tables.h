// The knowledge tables of the resolution, read by the names that rules/knowledge/ gives them.
//
// All functions return an empty optional (or the argument itself) for a row that is not there, and
// throw Error(kUsage) when the rule book has no such table. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/rule_book.h"
#include "engine/value.h"

namespace switchyard {

// A row of `model_types`, found whatever letter case and -/_ the name is written in.
struct ModelType {
  std::string name;  // as the table spells it
  Value row;
};
std::optional<ModelType> find_model_type(const RuleBook& rules, std::string_view name);

// A row of `architectures`, by the exact name of the class.
std::optional<Value> find_architecture(const RuleBook& rules, std::string_view name);

// The task under which the export registry knows `task`; `task` itself when it has no other name.
std::string canonical_task(const RuleBook& rules, const std::string& task);
// The task that drives the export.
std::string optimum_task(const RuleBook& rules, const std::string& task);

// "transformers/bert", the key of supported_tasks and onnx_configs. A wrapped library registers all
// of its models under one name.
std::string registry_key(const RuleBook& rules, const std::string& library,
                         const std::string& model_type);

// The name of the export configuration registered for the key and task.
std::optional<std::string> onnx_config_name(const RuleBook& rules, const std::string& key,
                                            std::string_view task);
// Its tensors, {tasks, inputs, outputs}.
std::optional<Value> onnx_tensors(const RuleBook& rules, const std::string& key,
                                  std::string_view task);

// The text of a string, or null for anything else.
const std::string* string_of(const Value* value);
// "a string", "an integer", "null": for messages.
std::string kind_of(const Value& value);
// Whether `value` is there and true.
bool is_true(const Value* value);
// Whether `value` is `text`, or a list that holds it.
bool names(const Value& value, std::string_view text);

}  // namespace switchyard
