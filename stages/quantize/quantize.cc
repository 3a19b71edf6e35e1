#include "stages/quantize/quantize.h"

#include <onnx/checker.h>
#include <onnx/onnx_pb.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/error.h"
#include "engine/output_file.h"
#include "stages/quantize/graph_index.h"
#include "stages/quantize/plan.h"
#include "stages/quantize/ranges.h"
#include "stages/quantize/rewrite.h"
#include "stages/runtime/model_file.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// Scales per channel are an attribute of DequantizeLinear since opset 13.
constexpr int kOldestOpset = 13;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void require_opset(const onnx::ModelProto& model, const fs::path& file) {
  for (const auto& opset : model.opset_import()) {
    if (!opset.domain().empty() && opset.domain() != "ai.onnx") continue;
    if (opset.version() >= kOldestOpset) return;
    throw Error(ErrorKind::kModel, {file.string()},
                "the model is of opset " + std::to_string(opset.version()) +
                    ", quantizing needs opset 13 or later",
                "Export it again with opset 17");
  }
}

void require_same_directory(const onnx::ModelProto& model, const fs::path& input,
                            const fs::path& output) {
  const auto& tensors = model.graph().initializer();
  const bool outside = std::any_of(tensors.begin(), tensors.end(), [](const auto& tensor) {
    return tensor.data_location() == onnx::TensorProto::EXTERNAL;
  });
  std::error_code error;
  if (outside && !fs::equivalent(fs::absolute(input).parent_path(),
                                 fs::absolute(output).parent_path(), error)) {
    throw Error(ErrorKind::kModel, {output.string()},
                "the model's weights lie outside the graph, beside " + input.string() +
                    ", and would not be found from here",
                "Write the result into the same directory");
  }
}

// The instrumented graph as a file beside the output, gone when this goes.
class InstrumentedFile {
 public:
  // `model` is as before when this returns; in between it serves as its own copy, for weights
  // inside it may be large.
  InstrumentedFile(onnx::ModelProto& model, const std::vector<std::string>& tensors,
                   const fs::path& output)
      : path_(output.string() + "." + std::to_string(getpid()) + ".calibrate.tmp") {
    onnx::GraphProto& graph = *model.mutable_graph();
    const auto outputs = graph.output();
    const int nodes = graph.node_size();
    instrument(model, tensors);
    write_model(model, path_);
    graph.mutable_node()->DeleteSubrange(nodes, graph.node_size() - nodes);
    *graph.mutable_output() = outputs;
  }
  InstrumentedFile(const InstrumentedFile&) = delete;
  InstrumentedFile& operator=(const InstrumentedFile&) = delete;
  ~InstrumentedFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// What goes wrong in the instrumented file is told of the file it was made from.
void measure(onnx::ModelProto& model, const fs::path& input, const fs::path& output,
             const std::vector<std::string>& observed, CalibrationSource& calibration,
             RangeCollector& collector, int threads) {
  const InstrumentedFile instrumented(model, observed, output);
  try {
    calibrate(instrumented.path(), calibration, collector, threads);
  } catch (const Error& e) {
    const bool ours = !e.place().known() || e.place().file == instrumented.path();
    throw Error(e.kind(), ours ? Place{input.string()} : e.place(), e.message(), e.mend());
  }
}

// A norm that still stands behind its convolution costs a way through float and back.
void warn_of_norms(const QuantizationPlan& plan, const onnx::GraphProto& graph,
                   QuantizeReport& report) {
  std::size_t norms = 0;
  for (const auto& node : graph.node()) {
    norms += node.op_type() == "BatchNormalization" && node.input_size() > 0 &&
             plan.integer_made.contains(node.input(0));
  }
  if (norms == 0) return;
  report.warnings.push_back(std::to_string(norms) +
                            " BatchNormalization nodes are not folded into their convolutions, and "
                            "stay float: optimize the graph first");
}

void write_checked(const onnx::ModelProto& model, const fs::path& output) {
  write_beside(output, [&](const fs::path& half) {
    write_model(model, half);
    try {
      onnx::checker::check_model(half.string());
    } catch (const std::exception& e) {
      const std::string reason = e.what();
      throw Error(ErrorKind::kModel, {output.string()},
                  "the quantized graph does not pass the ONNX checker: " +
                      reason.substr(0, reason.find('\n')),
                  "Build with --precision fp32");
    }
  });
}

}  // namespace

QuantizeReport quantize_model(const fs::path& input, const fs::path& output,
                              CalibrationSource& calibration, const QuantizeOptions& options) {
  const auto start = Clock::now();
  QuantizeReport report;
  onnx::ModelProto model;
  read_model(input, model);
  require_opset(model, input);
  require_same_directory(model, input, output);
  lift_constants(*model.mutable_graph());

  QuantizationPlan plan = plan_quantization(GraphIndex(model.graph()), options);
  const std::vector<std::string> observed = plan.observed();
  std::map<std::string, Range> ranges;
  if (observed.empty()) {
    report.warnings.push_back(
        "nothing was quantized: the graph has no operator of the kinds that are");
  } else {
    RangeCollector collector(observed);
    const auto calibration_start = Clock::now();
    measure(model, input, output, observed, calibration, collector, options.threads);
    report.calibration_seconds = seconds_since(calibration_start);
    ranges = collector.ranges();
    report.samples = collector.runs();
    report.observed = observed.size();
  }
  warn_of_norms(plan, model.graph(), report);
  for (const PlannedNode& planned : plan.nodes) {
    ++report.quantized[model.graph().node(planned.node).op_type()];
  }
  rewrite_to_qdq(model, plan, ranges, options, fs::absolute(input).parent_path());
  write_checked(model, output);
  report.kept_float = std::move(plan.kept_float);
  report.float_by_type = std::move(plan.float_by_type);
  report.seconds = seconds_since(start);
  return report;
}

}  // namespace switchyard
