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
     "decided them. Reads the configuration only; with --weights also the names and shapes of the "
     "checkpoint's tensors, to say how they fit the recipe.",
     "",
     0,
     0,
     {O::kModel, O::kRevision, O::kTask, O::kModelType, O::kModelClass, O::kLibrary, O::kShape,
      O::kBatchSize, O::kDynamicAxes, O::kJsonl, O::kThreads, O::kExplain, O::kWeightReport,
      O::kVariant, O::kRules, O::kRulesOnly, O::kFormat, O::kQuiet, O::kVerbose},
     inspect_command},
    {"config",
     "Print how a model would be built",
     "Prints the resolved build configuration as JSON: every decision, its value, the rule that "
     "made it and where that rule stands. `build -c` takes what it prints.",
     "",
     0,
     0,
     {O::kModel,     O::kRevision,    O::kConfig,    O::kTask,        O::kModelType, O::kModelClass,
      O::kLibrary,   O::kShape,       O::kBatchSize, O::kDynamicAxes, O::kWeights,   O::kVariant,
      O::kPrecision, O::kCalibration, O::kSamples,   O::kDigest,      O::kRules,     O::kRulesOnly,
      O::kDoPooling,  O::kHiddenStates, O::kAttentions,
      O::kFormat,    O::kQuiet,       O::kVerbose},
     config_command},
    {"export",
     "Write a checkpoint as an ONNX model",
     "Writes the graph that the model's recipe describes. -o X.onnx writes that file; any other "
     "path is a directory that gets model.onnx (or, of a composite, one file for each part) and the "
     "checkpoint's own configuration files.",
     "",
     0,
     0,
     {O::kModel,     O::kRevision,     O::kConfig,     O::kOutput,   O::kTask,
      O::kModelType, O::kModelClass,   O::kLibrary,    O::kSubmodel, O::kDoPooling,
      O::kShape,     O::kHiddenStates, O::kAttentions, O::kWeights,  O::kVariant,
      O::kBatchSize, O::kDynamicAxes,  O::kOverwrite,  O::kRules,    O::kRulesOnly,
      O::kFormat,    O::kQuiet,        O::kVerbose},
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
     "again, it does only what has changed. -c build.json builds as another build was configured, "
     "whatever has become of the rules; options beside it win.",
     "",
     0,
     0,
     {O::kModel,      O::kRevision,  O::kConfig,      O::kOutput,    O::kTask,        O::kModelType,
      O::kModelClass, O::kLibrary,   O::kShape,       O::kBatchSize, O::kDynamicAxes, O::kWeights,
      O::kDoPooling,  O::kHiddenStates, O::kAttentions,
      O::kVariant,    O::kPrecision, O::kCalibration, O::kSamples,   O::kDigest,      O::kOverwrite,
      O::kRules,      O::kRulesOnly, O::kFormat,      O::kQuiet,     O::kVerbose},
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
     "Measure how well a model does its task on labelled images",
     "Runs the model on every image below --data, whose folders are named after the classes. What "
     "is measured, the rules decide by the task (decision: evaluator).",
     "",
     0,
     0,
     {O::kModel, O::kRevision, O::kData, O::kTask, O::kModelType, O::kModelClass, O::kLibrary,
      O::kThreads, O::kRules, O::kRulesOnly, O::kFormat, O::kQuiet, O::kVerbose},
     in_stages<&StageCommands::eval_command>},
    {"perf",
     "Compare the latency of two ONNX models",
     "Times both in turns on the same inputs and prints the median of each and of their ratio.",
     "A B",
     2,
     2,
     {O::kPairs, O::kThreads, O::kFormat, O::kQuiet, O::kVerbose},
     in_stages<&StageCommands::perf_command>},
    {"checkpoint to-safetensors",
     "Write a checkpoint's weights as one safetensors file",
     "Reads pytorch_model.bin (without executing anything in it), shards of it, or shards of "
     "safetensors. MODEL is a directory or a file. Without -o it writes model.safetensors beside.",
     "",
     0,
     0,
     {O::kModel, O::kOutput, O::kVariant, O::kOverwrite, O::kRules, O::kRulesOnly, O::kFormat,
      O::kQuiet, O::kVerbose},
     in_stages<&StageCommands::checkpoint_to_safetensors>},
    {"recipe new",
     "Write a first graph recipe for a checkpoint",
     "Prints a recipe made of the checkpoint's configuration and the names and shapes of its "
     "tensors: every tensor stands in it, repeated layers are loops, and what the tensors tell "
     "apart (linear layers, norms, convolutions ...) is called. How they are wired, and what needs "
     "no tensors, is for its author to say. `recipe check` accepts it.",
     "",
     0,
     0,
     {O::kModel, O::kRevision, O::kOutput, O::kOverwrite, O::kRecipe, O::kTask, O::kModelType,
      O::kModelClass, O::kLibrary, O::kVariant, O::kRules, O::kRulesOnly, O::kQuiet, O::kVerbose},
     in_stages<&StageCommands::recipe_new>},
    {"recipe check",
     "Find what is wrong with graph recipes, without a checkpoint",
     "Checks the recipes and block libraries in force, or those named, and prints all problems at "
     "once: structure, syntax, names, blocks, operators, their arguments, variants. NAME is a "
     "recipe or a library, FILE one that need not be in force. An error: exit status 2.",
     "[NAME|FILE...]",
     0,
     kAnyNumber,
     {O::kRules, O::kRulesOnly, O::kFormat, O::kQuiet, O::kVerbose},
     in_stages<&StageCommands::recipe_check>},
    {"recipe trace",
     "Show which line of a recipe made which node of the graph",
     "Prints each node of the graph that `export` would write, in order: the place in the recipe "
     "that made it, its name, operator, inputs ($ marks weights) and outputs with their shapes, and "
     "in brackets the line of the library block that the place calls. SCOPE shows the nodes below "
     "it alone: encoder.layer.0. A recipe that fails shows what it made until then.",
     "[SCOPE]",
     0,
     1,
     {O::kModel,     O::kRevision,     O::kConfig,     O::kTask,    O::kModelType,
      O::kModelClass, O::kLibrary,     O::kSubmodel,   O::kDoPooling, O::kShape,
      O::kHiddenStates, O::kAttentions, O::kVariant,   O::kBatchSize, O::kDynamicAxes,
      O::kRules,     O::kRulesOnly,    O::kFormat,     O::kQuiet,   O::kVerbose},
     in_stages<&StageCommands::recipe_trace>},
    {"rules check",
     "Find what is wrong with rule files",
     "Checks the rules in force, with every --rules DIR laid over them, and prints all problems at "
     "once: where, which rule, what is wrong, what to do. An error: exit status 2.",
     "",
     0,
     0,
     {O::kRules, O::kRulesOnly, O::kCorpus, O::kFormat, O::kQuiet, O::kVerbose},
     rules_check_command},
    {"rules explain",
     "Say which rule made each decision for a model, and why the others did not",
     "Prints for each decision of the chain the facts it read, the rule that won and where it "
     "stands, and the rules that lost with the first condition that failed.",
     "",
     0,
     0,
     {O::kModel, O::kRevision, O::kTask, O::kModelType, O::kModelClass, O::kLibrary, O::kDecision,
      O::kRules, O::kRulesOnly, O::kFormat, O::kQuiet, O::kVerbose},
     rules_explain_command},
    {"rules test",
     "Compare the outcomes of the rules with golden files",
     "Runs every case of the golden files in DIR (default tests/golden/rules) and shows what is "
     "different and which rules did it; --update writes the files anew. Differences, or less "
     "coverage than --threshold: exit status 3.",
     "[DIR]",
     0,
     1,
     {O::kUpdate, O::kCoverage, O::kThreshold, O::kRules, O::kRulesOnly, O::kTestFormat, O::kQuiet,
      O::kVerbose},
     rules_test_command},
    {"rules impact",
     "Show which models of a corpus a change of the rules changes",
     "Resolves every request of the corpora (lines as inspect --jsonl reads them) under both sets "
     "of rules and groups what changes by the rule that causes it. A change: exit status 3.",
     "CORPUS.jsonl...",
     1,
     kAnyNumber,
     {O::kBase, O::kWith, O::kExamples, O::kThreads, O::kImpactFormat, O::kQuiet, O::kVerbose},
     rules_impact_command},
    {"rules list",
     "List decisions, rules, knowledge tables and recipes",
     "Without NAME, every decision table, knowledge table and recipe; with NAME, the rules of that "
     "decision or the keys of that table.",
     "[NAME]",
     0,
     1,
     {O::kRules, O::kRulesOnly, O::kFormat, O::kQuiet, O::kVerbose},
     rules_list_command},
    {"rules show",
     "Show a rule, a row or a recipe and where it is defined",
     "Prints what ID stands for as it is in force, where it is defined, and what overlays did to "
     "it. ID is a rule's id, a decision, a knowledge table, TABLE/KEY, or a recipe.",
     "ID",
     1,
     1,
     {O::kRules, O::kRulesOnly, O::kFormat, O::kQuiet, O::kVerbose},
     rules_show_command},
    {"rules fmt",
     "Write rule files in their canonical form",
     "Formats the files and folders given (default: rules), keeping comments. --check changes "
     "nothing and names the files that would change: exit status 3.",
     "[PATH...]",
     0,
     kAnyNumber,
     {O::kCheckOnly, O::kQuiet, O::kVerbose},
     rules_fmt_command},
    {"rules watch",
     "Check and test the rules whenever a file is saved",
     "Watches the rule directories and the golden files in DIR (default tests/golden/rules); after "
     "every change it prints the problems and differences there are. Ends with Ctrl-C.",
     "[DIR]",
     0,
     1,
     {O::kRules, O::kRulesOnly, O::kQuiet, O::kVerbose},
     rules_watch_command},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

}  // namespace switchyard
