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
#include "stages/optimize/held_weights.h"
#include "stages/runtime/external_data.h"
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
    fs::remove(input(), ignored);
    fs::remove(graph(), ignored);
    fs::remove(data(), ignored);
  }
  // What the optimizer reads where that is not the model's own file.
  fs::path input() const { return base_ + ".held.tmp"; }
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

struct Job {
  fs::path input;  // what the optimizer reads
  fs::path model;  // what messages name
  OptimizationLevel level;
  const Scratch& scratch;
};

bool save(const Job& job, bool data_outside) {
  SessionOptions options;
  options.optimization_level = static_cast<int>(job.level);
  options.save_optimized = job.scratch.graph();
  if (data_outside) options.external_initializers_file = job.scratch.data().filename();
  try {
    const Session session(job.input, options);
  } catch (const Error& e) {
    throw Error(e.kind(), {job.model.string()}, e.message(), e.mend());
  }
  std::error_code error;
  const auto size = fs::file_size(job.scratch.graph(), error);
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
bool save_inside(const Job& job, double weights) {
  try {
    return save(job, false);
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

// `original` loses what only the optimizer needs.
void optimize(const fs::path& input, const fs::path& output, OptimizationLevel level,
              onnx::ModelProto& original, OptimizeReport& report) {
  const Scratch scratch(output);
  // Other levels' fusions rewrite weights as a matter of course.
  const HeldWeights held =
      level == OptimizationLevel::kBasic ? HeldWeights(original) : HeldWeights();
  if (!held.empty()) write_model(original, scratch.input());
  const Job job{held.empty() ? input : scratch.input(), input, level, scratch};
  const double weights = weight_elements(original.graph());
  // Only the model's frame is needed from here on; the weights would double the memory.
  original.mutable_graph()->clear_initializer();
  original.mutable_graph()->clear_node();

  const bool data_outside = !save_inside(job, weights);
  // Not done at once: ONNX Runtime would copy every weight, also those that were only referenced.
  if (data_outside && !save(job, true)) {
    throw Error(ErrorKind::kModel, {input.string()},
                "ONNX Runtime's optimizer wrote nothing: the model is too large, or the disk is "
                "full",
                "Use optimization level none");
  }
  onnx::ModelProto model;
  read_model(scratch.graph(), model);
  restore(original, model);
  held.put_back(model);
  if (level == OptimizationLevel::kBasic) require_standard(model, input);
  report.nodes_after = model.graph().node_size();
  if (data_outside) {
    refuse_own_data(model, output);
    rename_data(model, scratch.data().filename(), data_file_name(output));
    report.notes.push_back("weights were written to " + data_file_name(output));
  }
  report.data = data_files(model);
  const auto write_graph = [&](const fs::path& draft) {
    write_model(model, draft);
    if (level == OptimizationLevel::kBasic) check(draft, output);
  };
  if (data_outside) {
    const auto write_data = [&](const fs::path& draft) {
      std::error_code failed;
      fs::rename(scratch.data(), draft, failed);
      if (failed) {
        throw Error(ErrorKind::kModel, {output.string()},
                    "its weights can't be put beside it: " + failed.message(),
                    "Is another program changing files in this directory");
      }
    };
    write_with_data(output, write_data, write_graph);
  } else {
    write_without_data(output, report.data, write_graph);
  }
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
  require_same_directory(original, input, output);
  if (level == OptimizationLevel::kNone) {
    report.data = data_files(original);
    write_without_data(output, report.data,
                       [&](const fs::path& draft) { write_model(original, draft); });
    report.nodes_after = report.nodes_before;
  } else {
    optimize(input, output, level, original, report);
  }
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  report.seconds = spent.count();
  return report;
}

}  // namespace switchyard
