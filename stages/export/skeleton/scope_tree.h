// A checkpoint's tensors as the tree of scopes that their names spell.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "stages/export/weights/tensor_list.h"

namespace switchyard {

// "layer.0.dense.weight" lies in the scope layer > 0 > dense, under the name "weight".
struct Scope {
  std::string name;  // one part of the path; empty for the root
  std::vector<std::unique_ptr<Scope>> children;
  struct Leaf {
    std::string name;
    const StoredTensor* tensor;
  };
  std::vector<Leaf> tensors;

  Scope& child(const std::string& part);
  // Null when there is none.
  const Leaf* find(std::string_view tensor) const;
  std::size_t count() const;  // tensors here and below
  bool is_number() const;
  // Equal for scopes whose tensors have the same names and ranks, so that one block serves both.
  std::string form() const;
};

// In the order in which the tensors lie in their files: the one their module made them in.
Scope scope_tree(const TensorList& tensors);

}  // namespace switchyard
