// Inside stages/quantize: a planned graph with measured ranges becomes a QDQ graph.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "stages/quantize/parameters.h"
#include "stages/quantize/plan.h"

namespace onnx {
class ModelProto;
}

namespace switchyard {

// Changes `model` in place. `directory`: where its external data lies. Float weights that nothing
// reads any more are removed. Throws Error(kModel) when a weight can't be read.
void rewrite_to_qdq(onnx::ModelProto& model, const QuantizationPlan& plan,
                    const std::map<std::string, Range>& ranges, const QuantizeOptions& options,
                    const std::filesystem::path& directory);

}  // namespace switchyard
