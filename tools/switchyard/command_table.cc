#include "tools/switchyard/command_table.h"

#include <limits>

#include "tools/switchyard/commands/commands.h"
#include "tools/switchyard/stage_commands.h"

namespace switchyard {
namespace {

using O = Option;
constexpr std::size_t kAnyNumber = std::numeric_limits<std::size_t>::max();

using StageCommand = int (*StageCommands::*)(const Arguments&);
template <StageCommand command>
int in_stages(const Arguments& arguments) {
  return (stage_commands().*command)(arguments);
}

const Command kCommands[] = {
    {"inspect",
     "Print what a model is and which task, class and recipe fit it",
     "Prints the task, the classes, the recipe and every input and output of a model, and what "
     "decided them. Reads the configuration only, never the weights.",
     "",
     0,
     0,
     {O::kModel, O::kTask, O::kModelType, O::kModelClass, O::kLibrary, O::kJsonl, O::kThreads,
      O::kRules, O::kRulesOnly, O::kFormat, O::kQuiet, O::kVerbose},
     inspect_command},
    {"config",
     "Print how a model would be built",
     "Prints the resolved build configuration as JSON: every decision, its value, the rule that "
     "made it and where that rule stands.",
     "",
     0,
     0,
     {O::kModel, O::kTask, O::kModelType, O::kModelClass, O::kLibrary, O::kWeights, O::kPrecision,
      O::kCalibration, O::kSamples, O::kRules, O::kRulesOnly, O::kFormat, O::kQuiet, O::kVerbose},
     config_command},
    {"export",
     "Write a checkpoint as an ONNX model",
     "Writes the graph that the model's recipe describes. -o X.onnx writes that file; any other "
     "path is a directory that gets model.onnx and the checkpoint's own configuration files.",
     "",
     0,
     0,
     {O::kModel, O::kOutput, O::kTask, O::kModelType, O::kModelClass, O::kLibrary, O::kSubmodel,
      O::kWeights, O::kOverwrite, O::kRules, O::kRulesOnly, O::kFormat, O::kQuiet, O::kVerbose},
     in_stages<&StageCommands::export_command>},
    {"optimize",
     "Simplify an ONNX model",
     "Runs ONNX Runtime's offline optimizer at the level that keeps to standard operators.",
     "",
     0,
     0,
     {O::kModel, O::kOutput, O::kOverwrite, O::kRules, O::kRulesOnly, O::kFormat, O::kQuiet,
      O::kVerbose},
     in_stages<&StageCommands::optimize_command>},
    {"quantize",
     "Turn an ONNX model into int8",
     "Calibrates a float model and writes it with quantized weights and activations. The "
     "configuration beside the model says how images are prepared.",
     "",
     0,
     0,
     {O::kModel, O::kOutput, O::kTask, O::kCalibration, O::kSamples, O::kOverwrite, O::kRules,
      O::kRulesOnly, O::kFormat, O::kQuiet, O::kVerbose},
     in_stages<&StageCommands::quantize_command>},
    {"build",
     "Export, optimize, calibrate and quantize: all of it, resumable",
     "Writes build.json, export.onnx, optimized.onnx, quantized.onnx, model.onnx (the last that "
     "ran), manifest.json and the checkpoint's own configuration files into a directory. Run "
     "again, it does only what has changed.",
     "",
     0,
     0,
     {O::kModel, O::kOutput, O::kTask, O::kModelType, O::kModelClass, O::kLibrary, O::kWeights,
      O::kPrecision, O::kCalibration, O::kSamples, O::kDigest, O::kOverwrite, O::kRules,
      O::kRulesOnly, O::kFormat, O::kQuiet, O::kVerbose},
     in_stages<&StageCommands::build_command>},
    {"verify",
     "Compare two ONNX models on the same inputs",
     "Runs both on the same inputs and prints, for each output, signal to noise ratio, cosine, "
     "largest difference and top-1 agreement. With a threshold that is not met: exit status 3.",
     "REFERENCE CANDIDATE",
     2,
     2,
     {O::kData, O::kSamples, O::kMinSqnr, O::kMinCosine, O::kMaxDifference, O::kMinAgreement,
      O::kRules, O::kRulesOnly, O::kFormat, O::kQuiet, O::kVerbose},
     in_stages<&StageCommands::verify_command>},
    {"run",
     "Classify images with an ONNX model",
     "Prints the most probable labels of each image. MODEL is a directory of a build or an .onnx "
     "file beside the configuration of its checkpoint.",
     "INPUT...",
     1,
     kAnyNumber,
     {O::kModel, O::kTask, O::kTopK, O::kThreads, O::kRules, O::kRulesOnly, O::kFormat, O::kQuiet,
      O::kVerbose},
     in_stages<&StageCommands::run_command>},
    {"eval",
     "Measure a classifier's accuracy on labelled images",
     "Runs the model on every image below --data, whose folders are named after the classes.",
     "",
     0,
     0,
     {O::kModel, O::kData, O::kTask, O::kModelType, O::kModelClass, O::kLibrary, O::kThreads,
      O::kRules, O::kRulesOnly, O::kFormat, O::kQuiet, O::kVerbose},
     in_stages<&StageCommands::eval_command>},
    {"perf",
     "Compare the latency of two ONNX models",
     "Times both in turns on the same inputs and prints the median of each and of their ratio.",
     "A B",
     2,
     2,
     {O::kPairs, O::kThreads, O::kFormat, O::kQuiet, O::kVerbose},
     in_stages<&StageCommands::perf_command>},
    {"rules",
     "Test the rules against their golden files",
     "'rules test [DIR]' resolves every model below DIR and compares the outcomes with the golden "
     "files beside them; --update writes them anew. Differences: exit status 3.",
     "test [DIR]",
     1,
     2,
     {O::kUpdate, O::kRules, O::kRulesOnly, O::kQuiet, O::kVerbose},
     rules_command},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

}  // namespace switchyard
