#include "stages/resolve/tensors.h"

#include <charconv>
#include <optional>
#include <string>

#include "stages/resolve/tables.h"

namespace switchyard {
namespace {

std::optional<Row> tensor_row(const RuleBook& rules, std::string_view name, std::string_view task,
                              std::string_view optimum_task) {
  for (const std::string_view of : {task, optimum_task}) {
    auto row = rules.lookup("tensors", std::string(of) + "/" + std::string(name));
    if (row) return row;
  }
  return rules.lookup("tensors", name);
}

Value dimension(const Value& written, const Value& config) {
  constexpr std::string_view kConfig = "config.";
  if (!written.is_string() || !written.as_string().starts_with(kConfig)) return written;
  const std::string name = written.as_string().substr(kConfig.size());
  const Value* value = config.find_path(name);
  if (value != nullptr && value->is_int() && value->as_int() > 0) return *value;
  return name.substr(name.rfind('.') + 1);
}

std::optional<std::size_t> axis_of(const std::string& key) {
  std::size_t axis = 0;
  const char* end = key.data() + key.size();
  const auto [stop, error] = std::from_chars(key.data(), end, axis);
  if (error != std::errc() || stop != end) return {};
  return axis;
}

// The axis names of the export configuration over the dims of the table. An axis that the config
// fixes (channels, labels) stays fixed.
List merge(List dims, const Value& axes) {
  if (!axes.is_map()) return dims;
  for (const auto& [key, name] : axes.as_map()) {
    const auto axis = axis_of(key);
    if (!axis || *axis >= dims.size()) return {};
    if (!dims[*axis].is_int()) dims[*axis] = name;
  }
  return dims;
}

// Without a row, the rank is known only where every axis from the first on has a name.
List named_axes(const Value& axes) {
  if (!axes.is_map()) return {};
  List dims(axes.as_map().size());
  for (const auto& [key, name] : axes.as_map()) {
    const auto axis = axis_of(key);
    if (!axis || *axis >= dims.size()) return {};
    dims[*axis] = name;
  }
  return dims;
}

}  // namespace

std::vector<TensorSpec> tensor_specs(const RuleBook& rules, const Value* entries,
                                     std::string_view task, std::string_view optimum_task,
                                     const Value& config) {
  std::vector<TensorSpec> specs;
  if (entries == nullptr || !entries->is_map()) return specs;
  for (const auto& [name, axes] : entries->as_map()) {
    TensorSpec spec;
    spec.name = name;
    if (const auto row = tensor_row(rules, name, task, optimum_task)) {
      if (const std::string* dtype = string_of(row->value.find("dtype"))) spec.dtype = *dtype;
      if (const Value* dims = row->value.find("dims"); dims != nullptr && dims->is_list()) {
        for (const Value& dim : dims->as_list()) spec.dims.push_back(dimension(dim, config));
      }
    }
    const bool from_table = !spec.dims.empty();
    if (from_table) spec.dims = merge(std::move(spec.dims), axes);
    if (spec.dims.empty() && (from_table || axes.is_map())) {
      // Only two axes or more say that these are all of them: {0: batch_size} is the usual way of
      // naming one axis of many.
      if (axes.is_map() && axes.as_map().size() > 1) spec.dims = named_axes(axes);
    }
    spec.dims_known = !spec.dims.empty();
    specs.push_back(std::move(spec));
  }
  return specs;
}

}  // namespace switchyard
