// Appends tensors and nodes to a graph: names, constants without duplicates, symbolic integers as
// tensors, types of everything. Not thread-safe; one per export.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/value.h"
#include "stages/export/graph/graph.h"
#include "stages/export/graph/infer.h"
#include "stages/export/graph/op_schema.h"

namespace switchyard::graph {

class Builder {
 public:
  // Called once, when the first node of constants alone is made: fold_constants will have work.
  void set_on_constants(std::function<void()> call) { on_constants_ = std::move(call); }

  const Graph& graph() const { return graph_; }
  Graph take() { return std::move(graph_); }
  const Tensor& tensor(TensorId id) const { return graph_.tensors[static_cast<std::size_t>(id)]; }

  TensorId add_input(const std::string& name, TensorType type);
  // `axes`: {dimension index: axis name} over what shape tracking found, or null.
  // Throws Error(kUsage) at `spot` when the name is taken.
  void add_output(const std::string& name, TensorId tensor, const Value* axes,
                  const recipe::Spot& spot);

  // The same constant again is the same tensor.
  TensorId constant(Constant constant);
  TensorId int_vector(const std::vector<std::int64_t>& values);
  // A weight as an initializer, seen as `elem`: its own type, or float32 for any stored float.
  TensorId weight(const StoredTensor& stored, ElemType elem);
  // In place of a weight that is not there, for reports only.
  TensorId stand_in(const std::string& name, TensorType type);
  // A part of a weight, or all of it under another shape, without touching its bytes: the elements
  // from `first` on, in row-major order. Precondition: `base` is a weight and the part lies in it.
  TensorId weight_view(TensorId base, std::int64_t first, const std::vector<std::int64_t>& shape);

  // int64 tensors of integers that may be symbolic: a vector, or a scalar.
  TensorId vector_of(const std::vector<Dim>& dims, const recipe::Spot& spot);
  TensorId scalar_of(const Dim& dim, const recipe::Spot& spot);

  // The node's outputs, typed. `scope` is the node's name without the operator: "/encoder/layer.0".
  // Throws Error at `spot` when the operands do not fit, or the graph grows beyond 200,000 nodes.
  std::vector<TensorId> add_node(const OpSignature& op, std::vector<TensorId> inputs,
                                 std::vector<Attribute> attributes, std::size_t outputs,
                                 const std::string& scope, const recipe::Spot& spot);

  // From now on nodes are made by a library's block that the recipe called here; an empty spot: by
  // the recipe itself. Gives what was said before. For reports.
  recipe::Spot exchange_caller(const recipe::Spot& caller) { return std::exchange(caller_, caller); }

 private:
  TensorId add_tensor(Tensor tensor);
  TensorId add_simple(const char* op, std::vector<TensorId> inputs,
                      std::vector<Attribute> attributes, const std::vector<Dim>& value,
                      const recipe::Spot& spot);
  TensorId term_vector(const Dim::Term& term, const recipe::Spot& spot);
  TensorId atom_vector(const Atom& atom, const recipe::Spot& spot);
  TensorId dim_vector(const Dim& dim, const recipe::Spot& spot);
  std::string unique_name(const std::string& wanted);

  std::function<void()> on_constants_;
  Graph graph_;
  recipe::Spot caller_;
  DimTable dims_;
  std::map<std::string, int> names_;                         // name -> times used
  std::map<std::string, TensorId> constants_;                // by type, shape and bytes
  std::map<std::string, TensorId> weights_;                  // by name
  std::map<std::string, std::pair<TensorId, int>> sources_;  // axis name -> tensor and index
  std::map<TensorId, TensorId> shapes_;                      // tensor -> its Shape
  std::map<std::string, TensorId> vectors_;                  // text of dims -> tensor
  std::map<std::string, TensorId> scalars_;
};

}  // namespace switchyard::graph
