#include "stages/quantize/plan.h"

#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <memory>

#include "engine/error.h"
#include "stages/quantize/anchors.h"

namespace switchyard {
namespace {

// How an operator carries quantized values from its inputs to its output.
enum class Carry {
  kNone,     // it does not
  kRequant,  // computes: the output has a range of its own
  kSame,     // moves or selects: the output keeps its input's scale
};

struct FollowerRow {
  const char* op_type;
  Carry carry;
  bool all_inputs;  // every input is an activation; otherwise only the first
};

constexpr FollowerRow kFollowers[] = {
    {"Add", Carry::kRequant, true},
    {"Mul", Carry::kRequant, true},
    {"Concat", Carry::kRequant, true},
    {"AveragePool", Carry::kRequant, false},
    {"GlobalAveragePool", Carry::kRequant, false},
    {"MaxPool", Carry::kSame, false},
    {"Flatten", Carry::kSame, false},
    {"Reshape", Carry::kSame, false},
    {"Squeeze", Carry::kSame, false},
    {"Transpose", Carry::kSame, false},
    {"Unsqueeze", Carry::kSame, false},
};

const FollowerRow* find_follower(const std::string& op_type) {
  for (const FollowerRow& row : kFollowers) {
    if (op_type == row.op_type) return &row;
  }
  return nullptr;
}

class Planner {
 public:
  Planner(const GraphIndex& graph, const QuantizeOptions& options)
      : graph_(graph), options_(options) {
    for (const std::string& pattern : options.float_nodes) {
      patterns_.push_back(std::make_unique<RE2>(pattern, RE2::Quiet));
      if (!patterns_.back()->ok()) {
        throw Error(ErrorKind::kUsage, {},
                    "the pattern '" + pattern +
                        "' of nodes to keep in float is no regular expression: " +
                        patterns_.back()->error(),
                    "Patterns are RE2's and are looked for anywhere in a node's name");
      }
    }
  }

  QuantizationPlan run() {
    choose_anchors();
    choose_followers();
    settle_tensors();
    report_rest();
    return std::move(plan_);
  }

 private:
  bool listed(const std::vector<std::string>& names, const std::string& op_type) const {
    return std::find(names.begin(), names.end(), op_type) != names.end();
  }

  // Why the options keep this node float; empty when they don't.
  std::string kept_by_options(const onnx::NodeProto& node) const {
    if (listed(options_.float_op_types, node.op_type())) return "a rule keeps its operator type";
    for (const auto& pattern : patterns_) {
      if (RE2::PartialMatch(node.name(), *pattern)) {
        return "a rule keeps nodes matching " + pattern->pattern();
      }
    }
    return {};
  }

  bool is_constant(const std::string& name) const {
    return name.empty() || graph_.initializer(name) != nullptr;
  }

  // The tensor behind a Relu or Clip that is the only reader of `output`, else `output`.
  std::string behind_activation(const std::string& output) const {
    const auto& uses = graph_.uses(output);
    if (uses.size() != 1 || graph_.is_output(output) || graph_.is_captured(output)) return output;
    const onnx::NodeProto& reader = graph_.node(uses[0].node);
    if (uses[0].slot != 0 || !reader.domain().empty()) return output;
    if (!kept_by_options(reader).empty()) return output;
    if (reader.op_type() == "Relu") return reader.output(0);
    if (reader.op_type() != "Clip") return output;
    for (int slot = 1; slot < reader.input_size(); ++slot) {
      if (!is_constant(reader.input(slot))) return output;
    }
    return reader.output(0);
  }

  void choose_anchors() {
    for (int i = 0; i < graph_.graph().node_size(); ++i) {
      const onnx::NodeProto& node = graph_.node(i);
      if (!node.domain().empty() || !is_anchor_type(node.op_type())) continue;
      if (!listed(options_.op_types, node.op_type())) continue;
      PlannedNode planned;
      std::string reason = kept_by_options(node);
      if (reason.empty()) reason = examine_anchor(graph_, i, options_, planned);
      if (!reason.empty()) {
        plan_.kept_float.push_back({node.name(), node.op_type(), reason});
        continue;
      }
      planned.output = behind_activation(node.output(0));
      add(std::move(planned));
    }
  }

  void add(PlannedNode planned) {
    chosen_[planned.node] = true;
    made_by_[planned.output] = planned.node;
    plan_.nodes.push_back(std::move(planned));
  }

  // Whether `tensor` leaves an operator that always has a quantized output.
  bool quantized_output(const std::string& tensor,
                        const std::unordered_map<int, PlannedNode>& candidates,
                        const std::unordered_map<std::string, int>& candidate_of) const {
    const auto anchor = made_by_.find(tensor);
    if (anchor != made_by_.end()) return graph_.node(anchor->second).op_type() == "Conv";
    const auto follower = candidate_of.find(tensor);
    return follower != candidate_of.end() && candidates.contains(follower->second);
  }

  bool quantized_reader(const std::string& tensor,
                        const std::unordered_map<int, PlannedNode>& candidates) const {
    const auto& uses = graph_.uses(tensor);
    return std::any_of(uses.begin(), uses.end(), [&](const Use& use) {
      if (chosen_.contains(use.node)) return use.slot == 0;
      return candidates.contains(use.node);
    });
  }

  // All followers are assumed quantized, then those without a quantized producer on every input and
  // a quantized reader are struck out until none is: the largest set that holds together.
  void choose_followers() {
    std::unordered_map<int, PlannedNode> candidates;
    std::unordered_map<std::string, int> candidate_of;
    std::vector<int> order;
    for (int i = 0; i < graph_.graph().node_size(); ++i) {
      const onnx::NodeProto& node = graph_.node(i);
      const FollowerRow* row = find_follower(node.op_type());
      if (!row || !node.domain().empty() || node.output_size() != 1) continue;
      if (row->carry == Carry::kRequant && !listed(options_.op_types, node.op_type())) continue;
      if (const std::string reason = kept_by_options(node); !reason.empty()) continue;
      PlannedNode planned;
      planned.node = i;
      const int slots = row->all_inputs ? node.input_size() : std::min(node.input_size(), 1);
      for (int slot = 0; slot < slots; ++slot) planned.activations.push_back(slot);
      // The scale of what is only moved is its input's: an activation behind it can't be folded.
      planned.output =
          row->carry == Carry::kSame ? node.output(0) : behind_activation(node.output(0));
      candidate_of[planned.output] = i;
      candidates.emplace(i, std::move(planned));
      order.push_back(i);
    }
    bool changed = true;
    while (changed) {
      changed = false;
      for (const int i : order) {
        const auto found = candidates.find(i);
        if (found == candidates.end()) continue;
        const PlannedNode& planned = found->second;
        const bool fed =
            std::all_of(planned.activations.begin(), planned.activations.end(), [&](int slot) {
              return quantized_output(graph_.node(i).input(slot), candidates, candidate_of);
            });
        if (fed && quantized_reader(planned.output, candidates)) continue;
        candidates.erase(found);
        changed = true;
      }
    }
    for (const int i : order) {
      if (const auto found = candidates.find(i); found != candidates.end()) {
        add(std::move(found->second));
      }
    }
    std::sort(plan_.nodes.begin(), plan_.nodes.end(),
              [](const PlannedNode& a, const PlannedNode& b) { return a.node < b.node; });
  }

  bool all_readers_quantized(const std::string& tensor) const {
    if (graph_.is_output(tensor) || graph_.is_captured(tensor)) return false;
    const auto& uses = graph_.uses(tensor);
    return !uses.empty() && std::all_of(uses.begin(), uses.end(), [&](const Use& use) {
      if (!chosen_.contains(use.node)) return false;
      return find_follower(graph_.node(use.node).op_type()) || use.slot == 0;
    });
  }

  void touch(const std::string& tensor) {
    if (plan_.range_of.emplace(tensor, tensor).second) plan_.tensors.push_back(tensor);
  }

  // Nodes come in graph order, so a tensor's maker is seen before its readers.
  void settle_tensors() {
    for (const PlannedNode& planned : plan_.nodes) {
      const onnx::NodeProto& node = graph_.node(planned.node);
      for (const int slot : planned.activations) touch(node.input(slot));
      const bool optional_output = planned.is_anchor && node.op_type() != "Conv";
      if (optional_output && !all_readers_quantized(planned.output)) continue;
      touch(planned.output);
      plan_.integer_made.insert(planned.output);
      const FollowerRow* row = find_follower(node.op_type());
      if (row && row->carry == Carry::kSame) {
        plan_.range_of[planned.output] = plan_.range_of.at(node.input(0));
      }
    }
  }

  void report_rest() {
    for (int i = 0; i < graph_.graph().node_size(); ++i) {
      const onnx::NodeProto& node = graph_.node(i);
      if (chosen_.contains(i) || folded(node)) continue;
      // How a weight is stored, not what is computed.
      if (node.output_size() == 1 && graph_.is_widened(node.output(0))) continue;
      ++plan_.float_by_type[node.op_type()];
      const FollowerRow* row = find_follower(node.op_type());
      if (!row || row->carry != Carry::kRequant || !node.domain().empty()) continue;
      if (!listed(options_.op_types, node.op_type())) continue;
      const std::string reason = kept_by_options(node);
      plan_.kept_float.push_back(
          {node.name(), node.op_type(),
           reason.empty() ? "it does not stand between quantized operators" : reason});
    }
  }

  bool folded(const onnx::NodeProto& node) const {
    if (node.op_type() != "Relu" && node.op_type() != "Clip") return false;
    return made_by_.contains(node.output(0)) && plan_.integer_made.contains(node.output(0));
  }

  const GraphIndex& graph_;
  const QuantizeOptions& options_;
  std::vector<std::unique_ptr<RE2>> patterns_;
  std::unordered_map<int, bool> chosen_;
  std::unordered_map<std::string, int> made_by_;  // effective output -> node
  QuantizationPlan plan_;
};

}  // namespace

std::vector<std::string> QuantizationPlan::observed() const {
  std::vector<std::string> names;
  for (const std::string& tensor : tensors) {
    if (range_of.at(tensor) == tensor) names.push_back(tensor);
  }
  return names;
}

QuantizationPlan plan_quantization(const GraphIndex& graph, const QuantizeOptions& options) {
  return Planner(graph, options).run();
}

}  // namespace switchyard
