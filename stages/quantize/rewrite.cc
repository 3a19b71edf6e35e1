#include "stages/quantize/rewrite.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

#include "stages/quantize/weights.h"

namespace switchyard {
namespace {

template <typename T>
std::string raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

std::vector<float> scales_of(const std::vector<float>& weight_scales, float input_scale) {
  std::vector<float> scales(weight_scales.size());
  std::transform(weight_scales.begin(), weight_scales.end(), scales.begin(),
                 [&](float s) { return s * input_scale; });
  return scales;
}

class Rewriter {
 public:
  Rewriter(onnx::ModelProto& model, const QuantizationPlan& plan,
           const std::map<std::string, Range>& ranges, const QuantizeOptions& options,
           const std::filesystem::path& directory, DataFile* data)
      : graph_(*model.mutable_graph()),
        index_(graph_),
        plan_(plan),
        is_signed_(options.activation_type == "int8"),
        directory_(directory),
        data_(data) {
    for (const auto& [tensor, source] : plan.range_of) {
      parameters_.emplace(tensor, activation_parameters(ranges.at(source), is_signed_));
    }
  }

  void run() {
    measure_weights();
    inputs_.resize(graph_.node_size());
    outputs_.resize(graph_.node_size());
    for (int i = 0; i < graph_.node_size(); ++i) {
      inputs_[i].assign(graph_.node(i).input().begin(), graph_.node(i).input().end());
      outputs_[i].assign(graph_.node(i).output().begin(), graph_.node(i).output().end());
    }
    for (const std::string& tensor : plan_.tensors) redirect_readers(tensor);
    for (const PlannedNode& planned : plan_.nodes) {
      if (planned.weight_slot >= 0) quantize_constants(planned);
    }
    assemble();
  }

 private:
  using WeightKey = std::pair<std::string, int>;  // tensor that the operator reads, axis
  struct Weight {
    std::vector<float> scales;
    ChannelLayout layout;
    std::string dequantized;  // the tensor readers take; empty until emitted
  };

  const onnx::TensorProto& weight_tensor(const PlannedNode& planned) const {
    return *index_.initializer(index_.node(planned.node).input(planned.weight_slot));
  }
  WeightKey weight_key(const PlannedNode& planned) const {
    return {index_.node(planned.node).input(planned.weight_slot), planned.weight_axis};
  }
  float input_scale(const PlannedNode& planned) const {
    return parameters_.at(index_.node(planned.node).input(0)).scale;
  }
  const onnx::TensorProto& bias_tensor(const PlannedNode& planned) const {
    return *index_.initializer(index_.node(planned.node).input(planned.bias_slot));
  }

  // A weight that several operators share has one set of scales, wide enough for all their biases.
  void measure_weights() {
    for (const PlannedNode& planned : plan_.nodes) {
      if (planned.weight_slot < 0) continue;
      Weight& weight = weights_[weight_key(planned)];
      if (weight.scales.empty()) {
        const onnx::TensorProto& tensor = weight_tensor(planned);
        if (planned.weight_axis >= 0) {
          weight.layout.channels = tensor.dims(planned.weight_axis);
          for (int d = planned.weight_axis + 1; d < tensor.dims_size(); ++d) {
            weight.layout.inner *= tensor.dims(d);
          }
        } else {
          for (const std::int64_t d : tensor.dims()) weight.layout.inner *= d;
        }
        weight.scales =
            weight_scales(channel_magnitudes(read_weights(tensor, directory_), weight.layout));
      }
      if (planned.bias_slot >= 0) {
        widen_for_bias(weight.scales, read_weights(bias_tensor(planned), directory_),
                       input_scale(planned));
      }
    }
  }

  std::string fresh(const std::string& wish) {
    std::string name = wish;
    for (int i = 2; index_.is_name(name) || !taken_.insert(name).second; ++i) {
      name = wish + "_" + std::to_string(i);
    }
    return name;
  }

  std::string add_tensor(const std::string& wish, int type, const std::vector<std::int64_t>& dims,
                         std::string bytes) {
    onnx::TensorProto& tensor = added_tensors_.emplace_back();
    tensor.set_name(fresh(wish));
    tensor.set_data_type(type);
    for (const std::int64_t d : dims) tensor.add_dims(d);
    if (data_) {
      data_->store(tensor, bytes);
    } else {
      tensor.set_raw_data(std::move(bytes));
    }
    return tensor.name();
  }

  static onnx::NodeProto node(const char* op_type, const std::string& name,
                              const std::vector<std::string>& inputs, const std::string& output,
                              int axis = -1) {
    onnx::NodeProto made;
    made.set_op_type(op_type);
    made.set_name(name);
    for (const std::string& input : inputs) made.add_input(input);
    made.add_output(output);
    if (axis >= 0) {
      auto* attribute = made.add_attribute();
      attribute->set_name("axis");
      attribute->set_type(onnx::AttributeProto::INT);
      attribute->set_i(axis);
    }
    return made;
  }

  // A QuantizeLinear/DequantizeLinear pair behind `tensor`. A tensor that leaves the graph keeps
  // its name on the far side of the pair.
  void redirect_readers(const std::string& tensor) {
    const bool integer_made = plan_.integer_made.contains(tensor);
    const int maker = index_.producer(tensor);
    std::string from = tensor;
    std::string to = fresh(tensor + "/dequantized");
    if (integer_made && index_.is_output(tensor)) {
      from = fresh(tensor + "/float");
      to = tensor;
      for (std::string& output : outputs_[maker]) {
        if (output == tensor) output = from;
      }
    }
    const QuantParameters& parameters = parameters_.at(tensor);
    const auto [scale, zero_point] = parameter_tensors(tensor, parameters);
    const std::string quantized = fresh(tensor + "/quantized");
    auto& behind = behind_[maker];
    behind.push_back(
        node("QuantizeLinear", tensor + "/QuantizeLinear", {from, scale, zero_point}, quantized));
    behind.push_back(
        node("DequantizeLinear", tensor + "/DequantizeLinear", {quantized, scale, zero_point}, to));
    for (const Use& use : index_.uses(tensor)) {
      if (integer_made || reads_integers(use)) inputs_[use.node][use.slot] = to;
    }
  }

  std::pair<std::string, std::string> parameter_tensors(const std::string& tensor,
                                                        const QuantParameters& parameters) {
    // What only moves a tensor shares its constants.
    const std::string& source = plan_.range_of.at(tensor);
    auto& shared = parameter_names_[source];
    if (shared.first.empty()) {
      shared.first = add_tensor(source + "/scale", onnx::TensorProto::FLOAT, {},
                                raw(std::vector<float>{parameters.scale}));
      const auto stored = static_cast<char>(parameters.zero_point);
      shared.second = add_tensor(source + "/zero_point",
                                 is_signed_ ? onnx::TensorProto::INT8 : onnx::TensorProto::UINT8,
                                 {}, std::string(1, stored));
    }
    return shared;
  }

  bool reads_integers(const Use& use) const {
    const auto found = std::lower_bound(
        plan_.nodes.begin(), plan_.nodes.end(), use.node,
        [](const PlannedNode& planned, int wanted) { return planned.node < wanted; });
    if (found == plan_.nodes.end() || found->node != use.node) return false;
    return std::find(found->activations.begin(), found->activations.end(), use.slot) !=
           found->activations.end();
  }

  void quantize_constants(const PlannedNode& planned) {
    const onnx::TensorProto& tensor = weight_tensor(planned);
    Weight& weight = weights_.at(weight_key(planned));
    const bool per_channel = planned.weight_axis >= 0;
    const std::vector<std::int64_t> scale_dims =
        per_channel ? std::vector<std::int64_t>{weight.layout.channels}
                    : std::vector<std::int64_t>{};
    auto& before = before_[planned.node];
    if (weight.dequantized.empty()) {
      const std::vector<float> values = read_weights(tensor, directory_);
      const std::string& name = weight_key(planned).first;
      weight.dequantized = fresh(name + "/dequantized");
      const std::string stored =
          add_tensor(name + "/quantized", onnx::TensorProto::INT8,
                     {tensor.dims().begin(), tensor.dims().end()},
                     raw(quantize_weights(values, weight.scales, weight.layout)));
      const std::string scale =
          add_tensor(name + "/scale", onnx::TensorProto::FLOAT, scale_dims, raw(weight.scales));
      const std::string zero_point =
          add_tensor(name + "/zero_point", onnx::TensorProto::INT8, scale_dims,
                     std::string(weight.scales.size(), '\0'));
      before.push_back(node("DequantizeLinear", fresh(name + "/DequantizeLinear"),
                            {stored, scale, zero_point}, weight.dequantized,
                            per_channel ? planned.weight_axis : -1));
    }
    inputs_[planned.node][planned.weight_slot] = weight.dequantized;
    if (planned.bias_slot >= 0) quantize_bias_of(planned, weight.scales);
  }

  // Biases are not shared: their scale is that of one operator's input and weight.
  void quantize_bias_of(const PlannedNode& planned, const std::vector<float>& weight_scales) {
    const onnx::TensorProto& tensor = bias_tensor(planned);
    const std::vector<float> values = read_weights(tensor, directory_);
    const std::vector<float> scales = scales_of(weight_scales, input_scale(planned));
    const bool per_channel = planned.weight_axis >= 0;
    const std::vector<std::int64_t> dims = {static_cast<std::int64_t>(values.size())};
    const std::vector<std::int64_t> scale_dims = per_channel ? dims : std::vector<std::int64_t>{};
    const std::string& name = index_.node(planned.node).input(planned.bias_slot);
    const std::string stored = add_tensor(name + "/quantized", onnx::TensorProto::INT32, dims,
                                          raw(quantize_bias(values, scales)));
    const std::string scale =
        add_tensor(name + "/scale", onnx::TensorProto::FLOAT, scale_dims, raw(scales));
    const std::string zero_point =
        add_tensor(name + "/zero_point", onnx::TensorProto::INT32, scale_dims,
                   raw(std::vector<std::int32_t>(scales.size(), 0)));
    const std::string to = fresh(name + "/dequantized");
    before_[planned.node].push_back(node("DequantizeLinear", fresh(name + "/DequantizeLinear"),
                                         {stored, scale, zero_point}, to, per_channel ? 0 : -1));
    inputs_[planned.node][planned.bias_slot] = to;
  }

  void assemble() {
    google::protobuf::RepeatedPtrField<onnx::NodeProto> nodes;
    const auto append = [&](std::vector<onnx::NodeProto>& made) {
      for (onnx::NodeProto& n : made) *nodes.Add() = std::move(n);
    };
    append(behind_[-1]);  // of graph inputs
    for (int i = 0; i < graph_.node_size(); ++i) {
      append(before_[i]);
      onnx::NodeProto& node = *nodes.Add();
      node = std::move(*graph_.mutable_node(i));
      for (int slot = 0; slot < node.input_size(); ++slot) node.set_input(slot, inputs_[i][slot]);
      for (int slot = 0; slot < node.output_size(); ++slot)
        node.set_output(slot, outputs_[i][slot]);
      append(behind_[i]);
    }
    graph_.mutable_node()->Swap(&nodes);
    remove_unread();
    for (onnx::TensorProto& tensor : added_tensors_) *graph_.add_initializer() = std::move(tensor);
  }

  bool is_unread(const GraphIndex& now, const std::string& name) const {
    return now.uses(name).empty() && !now.is_output(name) && !now.is_captured(name);
  }

  void remove_unread_casts() {
    const GraphIndex now(graph_);
    auto* nodes = graph_.mutable_node();
    nodes->erase(std::remove_if(nodes->begin(), nodes->end(),
                                [&](const onnx::NodeProto& node) {
                                  return node.output_size() == 1 &&
                                         now.is_widened(node.output(0)) &&
                                         is_unread(now, node.output(0));
                                }),
                 nodes->end());
  }

  // Initializers that only the float operators read, and their entries among old models' inputs.
  void remove_unread() {
    remove_unread_casts();
    const GraphIndex now(graph_);
    std::set<std::string> gone;
    for (const auto& tensor : graph_.initializer()) {
      const std::string& name = tensor.name();
      if (is_unread(now, name)) gone.insert(name);
    }
    const auto is_gone = [&](const auto& named) { return gone.contains(named.name()); };
    auto* tensors = graph_.mutable_initializer();
    tensors->erase(std::remove_if(tensors->begin(), tensors->end(), is_gone), tensors->end());
    auto* inputs = graph_.mutable_input();
    inputs->erase(std::remove_if(inputs->begin(), inputs->end(), is_gone), inputs->end());
    // The names of intermediate tensors have changed; ONNX Runtime infers shapes anew.
    graph_.clear_value_info();
  }

  onnx::GraphProto& graph_;
  const GraphIndex index_;
  const QuantizationPlan& plan_;
  const bool is_signed_;
  const std::filesystem::path& directory_;
  DataFile* const data_;
  std::map<std::string, QuantParameters> parameters_;
  std::map<WeightKey, Weight> weights_;
  std::map<std::string, std::pair<std::string, std::string>> parameter_names_;
  std::set<std::string> taken_;
  std::vector<std::vector<std::string>> inputs_;
  std::vector<std::vector<std::string>> outputs_;
  std::map<int, std::vector<onnx::NodeProto>> before_;
  std::map<int, std::vector<onnx::NodeProto>> behind_;
  std::vector<onnx::TensorProto> added_tensors_;
};

}  // namespace

void rewrite_to_qdq(onnx::ModelProto& model, const QuantizationPlan& plan,
                    const std::map<std::string, Range>& ranges, const QuantizeOptions& options,
                    const std::filesystem::path& directory, DataFile* data) {
  Rewriter(model, plan, ranges, options, directory, data).run();
}

std::uint64_t quantized_weight_bytes(const onnx::GraphProto& graph, const QuantizationPlan& plan) {
  const GraphIndex index(graph);
  std::set<std::pair<std::string, int>> seen;
  double bytes = 0.0;  // what a file claims can't overflow it
  for (const PlannedNode& planned : plan.nodes) {
    if (planned.weight_slot < 0) continue;
    const std::string& name = index.node(planned.node).input(planned.weight_slot);
    if (!seen.emplace(name, planned.weight_axis).second) continue;
    double elements = 1.0;
    for (const std::int64_t d : index.initializer(name)->dims()) {
      elements *= static_cast<double>(d);
    }
    bytes += elements;
  }
  return static_cast<std::uint64_t>(std::min(bytes, 0x1p62));
}

}  // namespace switchyard
