#include "tools/switchyard/resolution_text.h"

#include <utility>
#include <vector>

#include "stages/build/resolution_json.h"
#include "tools/switchyard/text_table.h"

namespace switchyard {
namespace {

std::string dims_text(const TensorSpec& spec) {
  if (!spec.dims_known) return "?";
  std::string text = "[";
  for (const Value& dim : spec.dims) {
    if (text.size() > 1) text += ", ";
    text += cell(dim);
  }
  return text + "]";
}

}  // namespace

std::string cell(const Value& value) {
  if (value.is_null()) return "-";
  return value.is_string() ? value.as_string() : value.to_json();
}

std::string io_text(const std::vector<TensorSpec>& inputs, const std::vector<TensorSpec>& outputs) {
  TextTable table;
  const auto add = [&](const char* title, const std::vector<TensorSpec>& specs) {
    for (const TensorSpec& spec : specs) {
      table.add({&spec == specs.data() ? title : "", spec.name,
                 spec.dtype.empty() ? "?" : spec.dtype, dims_text(spec)});
    }
  };
  add("inputs", inputs);
  add("outputs", outputs);
  return table.str();
}

std::string resolution_text(const Resolution& resolution, bool decisions) {
  TextTable table;
  table.add({"task", resolution.task + " (" + resolution.source + ")"});
  table.add({"optimum task", resolution.optimum_task});
  table.add({"model class", resolution.model_class});
  table.add({"library", resolution.library});
  table.add({"model type", resolution.model_type});
  if (resolution.composite.is_map()) {
    std::string parts;
    for (const auto& [name, task] : resolution.composite.as_map()) {
      parts += (parts.empty() ? "" : ", ") + name + ": " + cell(task);
    }
    table.add({"composite", parts});
  }
  table.add({"ONNX configuration", cell(optional_text(resolution.onnx_config))});
  table.add({"recipe", cell(optional_text(resolution.recipe))});
  std::string text = table.str();
  if (!resolution.inputs.empty() || !resolution.outputs.empty()) {
    text += '\n' + io_text(resolution.inputs, resolution.outputs);
  }
  if (decisions) {
    TextTable steps({"decision", "value", "source", "rule", "place"});
    for (const Decision& d : resolution.decisions) {
      steps.add({d.name, cell(d.value), d.source, d.rule_id, d.place.str()});
    }
    text += '\n' + steps.str();
  }
  return text;
}

}  // namespace switchyard
