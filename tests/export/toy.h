// Small checkpoints and recipes made inside a test.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "stages/checkpoint/weights.h"
#include "stages/export/build_graph.h"

namespace switchyard::toy {

class Directory {
 public:
  Directory();
  ~Directory();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

struct TensorSpec {
  std::string name;
  std::vector<std::int64_t> shape;
  std::string dtype = "F32";
};

// Writes model.safetensors with values that depend on name and index only: small, exact in 16 bits.
std::filesystem::path write_checkpoint(const std::filesystem::path& directory,
                                       const std::vector<TensorSpec>& tensors,
                                       const std::string& file = "model.safetensors");
// The value of element `index` of the tensor `name`.
float value_of(const std::string& name, std::size_t index);

// A rule book of one recipe (and libraries) with the shipped rules/weights.yaml.
std::shared_ptr<const RuleBook> book(const std::string& recipe,
                                     const std::vector<std::string>& more = {});

// "op(in, in) -> out" lines in order, with types of the outputs: a graph as one string.
std::string dump(const graph::Graph& graph);

// Writes the checkpoint, builds `recipe` for `task` and returns the graph. Throws what build_graph
// throws.
struct Built {
  std::shared_ptr<Directory> directory;
  std::shared_ptr<Weights> weights;
  BuiltGraph built;
};
Built build(const std::string& recipe, const std::vector<TensorSpec>& tensors,
            const std::string& task = "t", const Value& config = Map(),
            const std::vector<std::string>& libraries = {});

// The message of the Error that `run` throws; "" when it throws none.
template <typename F>
std::string error_of(F&& run) {
  try {
    run();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace switchyard::toy
