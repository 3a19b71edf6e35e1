// Checkpoints of the shipped recipes' families, as configs and tensor lists without values.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "engine/value.h"
#include "stages/checkpoint/weights.h"
#include "stages/export/build_graph.h"

namespace switchyard::recipes_test {

std::string read_file(const std::string& path);

struct Checkpoint {
  Value config;
  std::map<std::string, std::vector<std::int64_t>> tensors;
  std::string dtype = "F32";  // of all of them
};
// From tests/data/recipes/NAME.json.
Checkpoint load_checkpoint(const std::string& name);

// A safetensors file of these tensors, all zeros and no disk; removed with the object.
class WeightsFile {
 public:
  explicit WeightsFile(const Checkpoint& checkpoint);
  ~WeightsFile();
  const Weights& weights() const { return *weights_; }

 private:
  std::string path_;
  std::unique_ptr<Weights> weights_;
};

// The rules of the source tree, loaded once.
const RuleBook& shipped_rules();

// Throws what build_graph throws. `options` as in GraphRequest.
BuiltGraph build(const std::string& recipe, const Checkpoint& checkpoint, const std::string& task,
                 const WeightsFile& file, const Value& options = Map());

// One line a node: its name, operator, the weights among its inputs, attributes and output types.
std::string node_list(const BuiltGraph& built);

}  // namespace switchyard::recipes_test
