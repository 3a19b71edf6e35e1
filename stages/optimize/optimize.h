// Optimize: ONNX Runtime's own offline optimizer, with standard operators only.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

enum class OptimizationLevel {
  kNone,   // the graph is copied as it is
  kBasic,  // constant folding, redundant nodes, Conv + BatchNorm and the like: standard operators
  kExtended,  // ONNX Runtime's own fused operators: the result runs nowhere else
  kAll,       // extended and layouts for this machine's processor
};

// "none", "basic", "extended", "all". Throws Error(kUsage) for anything else.
OptimizationLevel optimization_level(std::string_view name);

struct OptimizeReport {
  std::size_t nodes_before = 0;
  std::size_t nodes_after = 0;
  double seconds = 0.0;
  std::vector<std::string> data;  // files beside `output` that hold its weights, by name
  std::vector<std::string> notes;
};

// Writes `output` from `input`, beside first and then renamed. Weights that lie outside `input`
// stay where they are and are referenced from `output`, so both belong in one directory; weights
// that the optimizer changed are written inside `output`, or beside it as OUTPUT.data where they
// pass 2 GB. Of 16-bit weights outside, level basic changes only those it merges with a neighbour.
// Opset, metadata, names of inputs, outputs and dimensions are kept. Below kExtended a result with
// other than standard operators is an error. Throws Error(kModel).
OptimizeReport optimize_model(const std::filesystem::path& input,
                              const std::filesystem::path& output,
                              OptimizationLevel level = OptimizationLevel::kBasic);

}  // namespace switchyard
