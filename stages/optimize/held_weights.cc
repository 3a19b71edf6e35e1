#include "stages/optimize/held_weights.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace switchyard {
namespace {

// Bytes in float32. A model has a few vectors of this size a layer, so that their copies stay below
// a hundredth of its matrices.
constexpr double kSmall = 256 * 1024;

// A double: what a file claims can't overflow it.
double float_bytes(const onnx::TensorProto& tensor) {
  double bytes = sizeof(float);
  for (const std::int64_t dim : tensor.dims()) bytes *= static_cast<double>(dim);
  return bytes;
}

bool is_outside_half(const onnx::TensorProto& tensor) {
  return tensor.data_location() == onnx::TensorProto::EXTERNAL &&
         (tensor.data_type() == onnx::TensorProto::FLOAT16 ||
          tensor.data_type() == onnx::TensorProto::BFLOAT16);
}

bool widens(const onnx::NodeProto& node) {
  if (node.op_type() != "Cast" || !node.domain().empty() || node.input_size() != 1) return false;
  return std::any_of(node.attribute().begin(), node.attribute().end(), [](const auto& attribute) {
    return attribute.name() == "to" && attribute.i() == onnx::TensorProto::FLOAT;
  });
}

// Also what graphs inside its nodes read.
void collect_reads(const onnx::GraphProto& graph, std::set<std::string>& names) {
  for (const auto& output : graph.output()) names.insert(output.name());
  for (const auto& node : graph.node()) {
    names.insert(node.input().begin(), node.input().end());
    for (const auto& attribute : node.attribute()) {
      if (attribute.has_g()) collect_reads(attribute.g(), names);
      for (const auto& inner : attribute.graphs()) collect_reads(inner, names);
    }
  }
}

// What the optimizer's fusions ask of the graph around a weight.
class Surroundings {
 public:
  explicit Surroundings(const onnx::GraphProto& graph) {
    for (const auto& tensor : graph.initializer()) constants_.insert(tensor.name());
    for (const auto& node : graph.node()) {
      for (const auto& name : node.input()) readers_[name].push_back(&node);
      // Cast weights are constants to the optimizer, too.
      if (widens(node) && constants_.contains(node.input(0))) constants_.insert(node.output(0));
    }
  }

  bool is_merged(const std::string& weight) const {
    const auto readers = readers_.find(weight);
    return readers != readers_.end() &&
           std::any_of(readers->second.begin(), readers->second.end(),
                       [&](const onnx::NodeProto* reader) { return merges(*reader); });
  }

 private:
  // Whether the operator behind `node` is computed into its weight: a norm at inference, and for a
  // Conv any arithmetic with a constant.
  bool merges(const onnx::NodeProto& node) const {
    if (node.op_type() == "BatchNormalization") return true;
    if (node.output_size() == 0) return false;
    const auto behind = readers_.find(node.output(0));
    if (behind == readers_.end() || behind->second.size() != 1) return false;
    const onnx::NodeProto& next = *behind->second.front();
    if (next.op_type() == "BatchNormalization") return true;
    if (node.op_type() != "Conv" || (next.op_type() != "Add" && next.op_type() != "Mul")) {
      return false;
    }
    return std::any_of(next.input().begin(), next.input().end(),
                       [&](const std::string& name) { return constants_.contains(name); });
  }

  std::unordered_map<std::string, std::vector<const onnx::NodeProto*>> readers_;
  std::set<std::string> constants_;
};

// Names -> initializers that are large 16-bit weights outside.
std::unordered_map<std::string, const onnx::TensorProto*> outside_halves(
    const onnx::GraphProto& graph) {
  std::unordered_map<std::string, const onnx::TensorProto*> found;
  for (const auto& tensor : graph.initializer()) {
    if (is_outside_half(tensor) && float_bytes(tensor) > kSmall) {
      found.emplace(tensor.name(), &tensor);
    }
  }
  return found;
}

std::vector<onnx::NodeProto> take_casts(onnx::GraphProto& graph) {
  const auto outside = outside_halves(graph);
  if (outside.empty()) return {};
  const Surroundings surroundings(graph);
  std::set<std::string> outputs;
  for (const auto& output : graph.output()) outputs.insert(output.name());
  auto* nodes = graph.mutable_node();
  const auto first =
      std::stable_partition(nodes->begin(), nodes->end(), [&](const onnx::NodeProto& node) {
        return !widens(node) || !outside.contains(node.input(0)) ||
               outputs.contains(node.output(0)) || surroundings.is_merged(node.output(0));
      });
  std::vector<onnx::NodeProto> casts(first, nodes->end());
  nodes->erase(first, nodes->end());
  return casts;
}

// What stands for the Cast's result while the optimizer runs.
onnx::ValueInfoProto lent_input(const onnx::GraphProto& graph, const onnx::NodeProto& cast) {
  const auto weight =
      std::find_if(graph.initializer().begin(), graph.initializer().end(),
                   [&](const onnx::TensorProto& tensor) { return tensor.name() == cast.input(0); });
  onnx::ValueInfoProto input;
  input.set_name(cast.output(0));
  auto* type = input.mutable_type()->mutable_tensor_type();
  type->set_elem_type(onnx::TensorProto::FLOAT);
  auto* shape = type->mutable_shape();
  for (const std::int64_t dim : weight->dims()) shape->add_dim()->set_dim_value(dim);
  return input;
}

// The weights of the Casts; they leave the graph unless something else reads them.
std::vector<onnx::TensorProto> take_weights(onnx::GraphProto& graph,
                                            const std::vector<onnx::NodeProto>& casts) {
  std::set<std::string> stored;
  for (const onnx::NodeProto& cast : casts) stored.insert(cast.input(0));
  std::set<std::string> read;
  collect_reads(graph, read);
  std::vector<onnx::TensorProto> weights;
  auto* tensors = graph.mutable_initializer();
  for (const auto& tensor : *tensors) {
    if (stored.contains(tensor.name())) weights.push_back(tensor);
  }
  const auto is_gone = [&](const onnx::TensorProto& tensor) {
    return stored.contains(tensor.name()) && !read.contains(tensor.name());
  };
  tensors->erase(std::remove_if(tensors->begin(), tensors->end(), is_gone), tensors->end());
  return weights;
}

}  // namespace

struct HeldWeights::Impl {
  std::vector<onnx::NodeProto> casts;
  std::vector<onnx::TensorProto> weights;
};

HeldWeights::HeldWeights() : impl_(std::make_unique<Impl>()) {}

HeldWeights::HeldWeights(onnx::ModelProto& model) {
  onnx::GraphProto& graph = *model.mutable_graph();
  Impl held;
  held.casts = take_casts(graph);
  for (const onnx::NodeProto& cast : held.casts) *graph.add_input() = lent_input(graph, cast);
  held.weights = take_weights(graph, held.casts);
  impl_ = std::make_unique<Impl>(std::move(held));
}

HeldWeights::~HeldWeights() = default;

bool HeldWeights::empty() const { return impl_->casts.empty(); }

void HeldWeights::put_back(onnx::ModelProto& model) const {
  onnx::GraphProto& graph = *model.mutable_graph();
  std::set<std::string> read;
  collect_reads(graph, read);
  std::set<std::string> lent;
  google::protobuf::RepeatedPtrField<onnx::NodeProto> nodes;
  std::set<std::string> needed;
  for (const onnx::NodeProto& cast : impl_->casts) {
    lent.insert(cast.output(0));
    if (!read.contains(cast.output(0))) continue;
    *nodes.Add() = cast;
    needed.insert(cast.input(0));
  }
  // Nodes stand in topological order: the Casts first.
  for (auto& node : *graph.mutable_node()) *nodes.Add() = std::move(node);
  graph.mutable_node()->Swap(&nodes);
  for (const auto& tensor : graph.initializer()) needed.erase(tensor.name());
  for (const onnx::TensorProto& weight : impl_->weights) {
    if (needed.contains(weight.name())) *graph.add_initializer() = weight;
  }
  auto* inputs = graph.mutable_input();
  inputs->erase(std::remove_if(inputs->begin(), inputs->end(),
                               [&](const auto& input) { return lent.contains(input.name()); }),
                inputs->end());
}

}  // namespace switchyard
