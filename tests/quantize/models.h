// Small models for the tests of quantize, and a compact dump of graphs.
#pragma once

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "stages/quantize/calibration.h"

namespace switchyard::testing_models {

// ONNX's text form of a graph, opset 17 unless told otherwise.
onnx::ModelProto parse(const std::string& graph, int opset = 17);

// A float32 initializer. Values fall in [-amplitude, amplitude]; slice c along `axis` is multiplied
// by spread^c, so that mixing channels up shows.
void add_weight(onnx::ModelProto& model, const std::string& name,
                const std::vector<std::int64_t>& dims, float amplitude = 0.5f, int axis = 0,
                float spread = 1.0f);
void add_weight(onnx::ModelProto& model, const std::string& name,
                const std::vector<std::int64_t>& dims, const std::vector<float>& values);

// Moves every initializer to `file` beside the model, as a referencing export has them.
void move_weights_outside(onnx::ModelProto& model, const std::filesystem::path& file);

// "out = Op<axis=1>(in, in)" a line, nodes in graph order.
std::string dump(const onnx::GraphProto& graph);

// A new, empty folder of the running test.
std::filesystem::path fresh_folder();

// The message of the Error that `action` throws, or "no error".
std::string error_of(const std::function<void()>& action);

// Operator types of `model` as ONNX Runtime runs it after its extended optimizations, and how many.
std::map<std::string, int> operators_run(const std::filesystem::path& model);

}  // namespace switchyard::testing_models
