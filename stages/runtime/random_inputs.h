// Random data drawn from a graph's own inputs: for calibration without data, for comparing two
// graphs, for timing. Deterministic on every machine.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "stages/runtime/session.h"

namespace switchyard {

// Values for symbolic dimensions. A dimension's name decides: "batch..." is the batch, "...height"
// and "...width" are the picture's, "...channels" the channels, "...length" and the like a
// sequence; anonymous dimensions go by position (first: batch; last two of four: height, width).
struct InputHints {
  std::int64_t batch = 1;
  std::int64_t sequence = 16;  // lowered to the rows of a position table, where one is indexed
  std::int64_t channels = 3;
  std::int64_t height = 224;
  std::int64_t width = 224;
  std::map<std::string, std::int64_t> dims;  // by exact dimension name; wins over all of the above
};

// What will be drawn for one input.
struct InputPlan {
  enum class Kind {
    kNormal,   // floats: nearly normal (mean 0, deviation 1, within 3.5)
    kOnes,     // attention masks, and every boolean
    kUniform,  // integers from `low` to `high`, both included
    kRange,    // integers 0, 1, 2, ... along the last axis: positions
  };
  std::string name;
  std::string dtype;
  std::vector<std::int64_t> shape;  // no symbolic dimension left
  Kind kind = Kind::kNormal;
  std::int64_t low = 0;
  std::int64_t high = 1;
};

// Reads the graph of `model` for its inputs and, where an integer input indexes a table of the
// graph (Gather on an initializer), for the rows of that table, so that no index is out of range.
// Throws Error(kModel): not an ONNX model, an input that is no tensor.
std::vector<InputPlan> plan_inputs(const std::filesystem::path& model,
                                   const InputHints& hints = {});

// Of two graphs of one model: where `other` fixes a dimension that `model` names, its size is drawn.
std::vector<InputPlan> plan_shared_inputs(const std::filesystem::path& model,
                                          const std::filesystem::path& other,
                                          const InputHints& hints = {});

// The same seed draws the same data. Throws Error(kModel) for a dtype that can't be drawn.
NamedTensors draw_inputs(const std::vector<InputPlan>& plan, std::uint64_t seed);

}  // namespace switchyard
