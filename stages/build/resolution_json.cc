#include "stages/build/resolution_json.h"

#include <utility>

namespace switchyard {

Value optional_text(const std::optional<std::string>& text) {
  return text ? Value(*text) : Value();
}

Value io_json(const std::vector<TensorSpec>& specs) {
  List list;
  for (const TensorSpec& spec : specs) {
    list.push_back(Map{{"name", spec.name},
                       {"dtype", spec.dtype.empty() ? Value() : Value(spec.dtype)},
                       {"dims", spec.dims_known ? Value(spec.dims) : Value()}});
  }
  return list;
}

Value decisions_json(const std::vector<Decision>& decisions) {
  List list;
  for (const Decision& decision : decisions) {
    list.push_back(Map{
        {"name", decision.name},
        {"value", decision.value},
        {"rule", decision.rule_id.empty() ? Value() : Value(decision.rule_id)},
        {"place", decision.place.known() ? Value(decision.place.str()) : Value()},
        {"source", decision.source.empty() ? Value() : Value(decision.source)},
    });
  }
  return list;
}

Map resolution_json(const Resolution& resolution) {
  List warnings(resolution.warnings.begin(), resolution.warnings.end());
  return Map{
      {"task", resolution.task},
      {"optimum_task", resolution.optimum_task},
      {"model_class", resolution.model_class},
      {"source", resolution.source},
      {"library", resolution.library},
      {"composite", resolution.composite},
      {"model_type", resolution.model_type},
      {"onnx_config", optional_text(resolution.onnx_config)},
      {"recipe", optional_text(resolution.recipe)},
      {"inputs", io_json(resolution.inputs)},
      {"outputs", io_json(resolution.outputs)},
      {"decisions", decisions_json(resolution.decisions)},
      {"warnings", std::move(warnings)},
  };
}

}  // namespace switchyard
