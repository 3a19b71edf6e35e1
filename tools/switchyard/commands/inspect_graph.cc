#include <cstdio>
#include <vector>

#include "stages/build/resolution_json.h"
#include "stages/runtime/session.h"
#include "tools/switchyard/commands/stage_entry.h"
#include "tools/switchyard/model_request.h"
#include "tools/switchyard/resolution_text.h"

namespace switchyard {
namespace {

std::vector<TensorSpec> to_specs(const std::vector<IoInfo>& infos) {
  std::vector<TensorSpec> specs;
  for (const IoInfo& info : infos) {
    TensorSpec spec{info.name, info.dtype, {}, true};
    for (std::size_t i = 0; i < info.shape.size(); ++i) {
      if (info.shape[i] >= 0) {
        spec.dims.push_back(info.shape[i]);
      } else {
        const bool named = i < info.dim_names.size() && !info.dim_names[i].empty();
        spec.dims.push_back(named ? Value(info.dim_names[i]) : Value());
      }
    }
    specs.push_back(std::move(spec));
  }
  return specs;
}

}  // namespace

int inspect_graph(const Arguments& arguments) {
  const std::string& model = require_model(arguments, "inspect");
  const Session session(model, {.threads = 1, .optimization_level = 0});
  const auto inputs = to_specs(session.inputs());
  const auto outputs = to_specs(session.outputs());
  if (arguments.format == OutputFormat::kJson) {
    const Value json =
        Map{{"model", model}, {"inputs", io_json(inputs)}, {"outputs", io_json(outputs)}};
    std::printf("%s\n", json.to_json(2).c_str());
  } else {
    std::printf("%s\n\n%s", model.c_str(), io_text(inputs, outputs).c_str());
  }
  return 0;
}

}  // namespace switchyard
