// A call of an ONNX operator by its own name, as recipes write it: arguments become inputs and
// attributes as the operator's schema says.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "stages/export/graph/builder.h"
#include "stages/export/graph/item.h"

namespace switchyard::graph {

struct OpArguments {
  Items positional;
  std::vector<std::pair<std::string, Item>> named;  // inputs by formal name, or attributes
};

// `wanted`: number of results the caller takes; 0 when it does not say (one, or as many as the
// operands imply). Integers, floats and lists become constants of the type that the schema wants.
// Throws Error(kUsage) at `spot`: unknown attribute, wrong number or type of arguments;
// Error(kModel) when shapes disagree.
std::vector<TensorId> call_op(Builder& builder, const OpSignature& op, const OpArguments& arguments,
                              std::size_t wanted, const std::string& scope,
                              const recipe::Spot& spot);

// Plain numbers, booleans and rectangular lists of them as a constant. Symbolic integers are no
// constants. Throws Error(kUsage) at `spot`.
Constant constant_of(const Item& item, ElemType elem, const recipe::Spot& spot);
// int64, float32 or bool, after the elements.
ElemType natural_elem(const Item& item, const recipe::Spot& spot);

}  // namespace switchyard::graph
