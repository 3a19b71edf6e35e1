#include <cstdio>
#include <filesystem>
#include <vector>

#include "engine/error.h"
#include "stages/predict/predictor.h"
#include "tools/switchyard/commands/stage_entry.h"
#include "tools/switchyard/model_request.h"

namespace switchyard {

int run_command(const Arguments& arguments) {
  const std::string& model = require_model(arguments, "run");
  if (arguments.top_k < 1) {
    throw Error(ErrorKind::kUsage, {}, "--top-k must be 1 or more");
  }
  const auto rules = load_rules(arguments);
  PredictOptions options;
  options.top_k = static_cast<std::size_t>(arguments.top_k);
  options.threads = arguments.threads;
  const Predictor predictor = Predictor::open(*rules, model, options);
  const std::vector<std::filesystem::path> inputs(arguments.operands.begin(),
                                                  arguments.operands.end());
  const auto predictions = predictor.predict(inputs);
  const std::string text = arguments.format == OutputFormat::kJson
                               ? predictions_as_json(predictions)
                               : predictions_as_table(predictions);
  std::fputs(text.c_str(), stdout);
  return 0;
}

}  // namespace switchyard
