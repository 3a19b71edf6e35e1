#include "stages/verify/verify.h"

#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "stages/calibrate/make_calibration.h"
#include "stages/checkpoint/preprocessing.h"
#include "tools/switchyard/commands/graph_file.h"
#include "tools/switchyard/commands/stage_entry.h"
#include "tools/switchyard/console.h"
#include "tools/switchyard/model_request.h"

namespace switchyard {
namespace {

constexpr int kNotMet = 3;
constexpr int kRandomSamples = 16;

// How images are prepared, by the configuration beside the reference.
std::optional<ImagePreprocessing> preprocessing_beside(const Arguments& arguments,
                                                       const std::filesystem::path& graph) {
  const auto directory = std::filesystem::absolute(graph).parent_path();
  std::error_code ignored;
  if (!std::filesystem::exists(directory / "config.json", ignored)) return std::nullopt;
  return image_preprocessing(*load_rules(arguments), find_model(directory.string()));
}

}  // namespace

int verify_command(const Arguments& arguments) {
  const auto reference = require_graph(arguments.operands[0]);
  const auto candidate = require_graph(arguments.operands[1]);
  const VerifyThresholds thresholds = {
      .min_sqnr_db = arguments.min_sqnr,
      .min_cosine = arguments.min_cosine,
      .max_abs_difference = arguments.max_difference,
      .min_top1_agreement = arguments.min_agreement,
  };
  CalibrationRequest request;
  request.samples = arguments.samples > 0 ? arguments.samples : arguments.data ? 0 : kRandomSamples;
  if (arguments.data) {
    request.source = "image-folder";
    request.data = *arguments.data;
  }
  Console console(arguments);
  CalibrationChoice choice = make_shared_calibration(request, reference, candidate,
                                                     preprocessing_beside(arguments, reference));
  console.warn(choice.warnings);
  console.progress("comparing");
  const VerifyResult result = verify_models(reference, candidate, *choice.source, thresholds);
  console.clear_progress();
  if (arguments.format == OutputFormat::kJson) {
    std::printf("%s\n", result.to_value().to_json(2).c_str());
  } else {
    std::fputs(result.table().c_str(), stdout);
  }
  return result.passed ? 0 : kNotMet;
}

}  // namespace switchyard
