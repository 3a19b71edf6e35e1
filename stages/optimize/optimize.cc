#include "stages/optimize/optimize.h"

#include <onnx/checker.h>
#include <onnx/onnx_pb.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <utility>

#include "engine/error.h"
#include "engine/output_file.h"
#include "stages/runtime/model_file.h"
#include "stages/runtime/session.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, OptimizationLevel>, 4> kLevels = {{
    {"none", OptimizationLevel::kNone},
    {"basic", OptimizationLevel::kBasic},
    {"extended", OptimizationLevel::kExtended},
    {"all", OptimizationLevel::kAll},
}};

// Files that exist only while the optimizer runs.
class Scratch {
 public:
  explicit Scratch(const fs::path& output)
      : base_(output.string() + "." + std::to_string(getpid())) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    fs::remove(graph(), ignored);
    fs::remove(data(), ignored);
  }
  // The ending tells ONNX Runtime the format to write.
  fs::path graph() const { return base_ + ".tmp.onnx"; }
  fs::path data() const { return base_ + ".data.tmp"; }

 private:
  std::string base_;
};

bool is_standard(const std::string& domain) { return domain.empty() || domain == "ai.onnx"; }

void collect_domains(const onnx::GraphProto& graph, std::set<std::string>& domains) {
  for (const auto& node : graph.node()) {
    domains.insert(node.domain() == "ai.onnx" ? "" : node.domain());
    for (const auto& attribute : node.attribute()) {
      if (attribute.has_g()) collect_domains(attribute.g(), domains);
      for (const auto& inner : attribute.graphs()) collect_domains(inner, domains);
    }
  }
}

// ONNX Runtime names every domain it knows in what it saves.
void keep_used_opsets(const onnx::ModelProto& original, onnx::ModelProto& model) {
  std::set<std::string> used;
  collect_domains(model.graph(), used);
  for (const auto& function : model.functions()) used.insert(function.domain());
  const auto saved = model.opset_import();
  model.clear_opset_import();
  for (const auto& opset : original.opset_import()) {
    if (is_standard(opset.domain())) *model.add_opset_import() = opset;
  }
  for (const auto& opset : saved) {
    if (!is_standard(opset.domain()) && used.contains(opset.domain())) {
      *model.add_opset_import() = opset;
    }
  }
}

template <typename Infos>
void restore_types(const Infos& original, Infos* infos) {
  for (auto& info : *infos) {
    const auto same = std::find_if(original.begin(), original.end(),
                                   [&](const auto& o) { return o.name() == info.name(); });
    if (same != original.end()) *info.mutable_type() = same->type();
  }
}

// What belongs to the model rather than to its graph's nodes stays as it was.
void restore(const onnx::ModelProto& original, onnx::ModelProto& model) {
  keep_used_opsets(original, model);
  model.set_ir_version(original.ir_version());
  model.set_producer_name(original.producer_name());
  model.set_producer_version(original.producer_version());
  model.set_domain(original.domain());
  model.set_model_version(original.model_version());
  model.set_doc_string(original.doc_string());
  *model.mutable_metadata_props() = original.metadata_props();
  model.mutable_graph()->set_name(original.graph().name());
  model.mutable_graph()->set_doc_string(original.graph().doc_string());
  restore_types(original.graph().input(), model.mutable_graph()->mutable_input());
  restore_types(original.graph().output(), model.mutable_graph()->mutable_output());
}

void require_standard(const onnx::ModelProto& model, const fs::path& file) {
  std::set<std::string> domains;
  collect_domains(model.graph(), domains);
  for (const std::string& domain : domains) {
    if (!is_standard(domain)) {
      throw Error(ErrorKind::kModel, {file.string()},
                  "the optimized graph has operators of domain '" + domain +
                      "', which other runtimes don't know",
                  "Use optimization level basic or none");
    }
  }
}

// `half` lies in the directory of the final file, so external data is found from there.
void check(const fs::path& half, const fs::path& output) {
  try {
    onnx::checker::check_model(half.string());
  } catch (const std::exception& e) {
    std::string reason = e.what();
    reason = reason.substr(0, reason.find('\n'));
    throw Error(ErrorKind::kModel, {output.string()},
                "the optimized graph does not pass the ONNX checker: " + reason,
                "Use optimization level none");
  }
}

bool save(const fs::path& input, OptimizationLevel level, const Scratch& scratch,
          bool data_outside) {
  SessionOptions options;
  options.optimization_level = static_cast<int>(level);
  options.save_optimized = scratch.graph();
  if (data_outside) options.external_initializers_file = scratch.data().filename();
  const Session session(input, options);
  std::error_code error;
  const auto size = fs::file_size(scratch.graph(), error);
  return !error && size > 0;
}

// Few enough that their bytes, whatever the type, can't pass a protobuf message's 2 GB.
constexpr double kSurelyFitting = 1e8;

double weight_elements(const onnx::GraphProto& graph) {
  double elements = 0.0;
  for (const auto& tensor : graph.initializer()) {
    double product = 1.0;
    for (const std::int64_t d : tensor.dims()) product *= static_cast<double>(d);
    elements += product;
  }
  return elements;
}

// False when the result passed 2 GB: ONNX Runtime then fails, or leaves an empty file, unless
// weights may go to a file of their own.
bool save_inside(const fs::path& input, OptimizationLevel level, const Scratch& scratch,
                 double weights) {
  try {
    return save(input, level, scratch, false);
  } catch (const Error&) {
    if (weights < kSurelyFitting) throw;
    return false;
  }
}

void rename_data(onnx::ModelProto& model, const std::string& from, const std::string& to) {
  for (auto& tensor : *model.mutable_graph()->mutable_initializer()) {
    for (auto& entry : *tensor.mutable_external_data()) {
      if (entry.key() == "location" && entry.value() == from) entry.set_value(to);
    }
  }
}

bool has_external_data(const onnx::GraphProto& graph) {
  return std::any_of(graph.initializer().begin(), graph.initializer().end(), [](const auto& t) {
    return t.data_location() == onnx::TensorProto::EXTERNAL;
  });
}

bool same_directory(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::equivalent(fs::absolute(a).parent_path(), fs::absolute(b).parent_path(), error);
}

}  // namespace

OptimizationLevel optimization_level(std::string_view name) {
  for (const auto& [known, level] : kLevels) {
    if (known == name) return level;
  }
  throw Error(ErrorKind::kUsage, {}, "'" + std::string(name) + "' is no optimization level",
              "Choose none, basic, extended or all");
}

OptimizeReport optimize_model(const fs::path& input, const fs::path& output,
                              OptimizationLevel level) {
  const auto start = std::chrono::steady_clock::now();
  OptimizeReport report;

  onnx::ModelProto original;
  read_model(input, original);
  report.nodes_before = original.graph().node_size();
  if (has_external_data(original.graph()) && !same_directory(input, output)) {
    throw Error(ErrorKind::kModel, {output.string()},
                "the model's weights lie outside the graph, beside " + input.string() +
                    ", and would not be found from here",
                "Write the result into the same directory");
  }
  if (level == OptimizationLevel::kNone) {
    write_model(original, output);
    report.nodes_after = report.nodes_before;
  } else {
    const double weights = weight_elements(original.graph());
    // Only the model's frame is needed from here on; the weights would double the memory.
    original.mutable_graph()->clear_initializer();
    original.mutable_graph()->clear_node();

    const Scratch scratch(output);
    bool data_outside = false;
    if (!save_inside(input, level, scratch, weights)) {
      // Not done at once: ONNX Runtime would copy every weight, also those that were only
      // referenced.
      data_outside = true;
      if (!save(input, level, scratch, true)) {
        throw Error(ErrorKind::kModel, {input.string()},
                    "ONNX Runtime's optimizer wrote nothing: the model is too large, or the disk "
                    "is full",
                    "Use optimization level none");
      }
    }
    onnx::ModelProto model;
    read_model(scratch.graph(), model);
    restore(original, model);
    if (level == OptimizationLevel::kBasic) require_standard(model, input);
    if (data_outside) {
      const fs::path data = output.string() + ".data";
      rename_data(model, scratch.data().filename(), data.filename());
      fs::rename(scratch.data(), data);
      report.notes.push_back("weights were written to " + data.filename().string());
    }
    report.nodes_after = model.graph().node_size();
    write_beside(output, [&](const fs::path& half) {
      write_model(model, half);
      if (level == OptimizationLevel::kBasic) check(half, output);
    });
  }
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  report.seconds = spent.count();
  return report;
}

}  // namespace switchyard
