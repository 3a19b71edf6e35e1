// Inside stages/quantize: a planned graph with measured ranges becomes a QDQ graph.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "stages/quantize/parameters.h"
#include "stages/quantize/plan.h"
#include "stages/quantize/weights.h"

namespace switchyard {

// Changes `model` in place. `directory`: where its external data lies. Float weights that nothing
// reads any more are removed. `data`: where quantized weights go; null: into the model. Throws
// Error(kModel) when a weight can't be read, or `data` can't be written.
void rewrite_to_qdq(onnx::ModelProto& model, const QuantizationPlan& plan,
                    const std::map<std::string, Range>& ranges, const QuantizeOptions& options,
                    const std::filesystem::path& directory, DataFile* data = nullptr);

// Of the weights that rewrite_to_qdq would make integers, in bytes.
std::uint64_t quantized_weight_bytes(const onnx::GraphProto& graph, const QuantizationPlan& plan);

}  // namespace switchyard
