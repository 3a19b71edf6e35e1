// The commands of the program, one row each.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "tools/switchyard/arguments.h"

namespace switchyard {

// What a command may be told besides its operands; command_line.cc knows the spelling of each.
enum class Option {
  kModel,
  kRevision,
  kTask,
  kModelType,
  kModelClass,
  kLibrary,
  kRules,
  kRulesOnly,
  kOutput,
  kOverwrite,
  kFormat,
  kQuiet,
  kVerbose,
  kJsonl,
  kConfig,
  kShape,
  kBatchSize,
  kDynamicAxes,
  kWeights,
  kVariant,
  kDigest,
  kSubmodel,
  kDoPooling,
  kHiddenStates,
  kAttentions,
  kPrecision,
  kCalibration,
  kSamples,
  kData,
  kThreads,
  kTopK,
  kPairs,
  kMinSqnr,
  kMinCosine,
  kMaxDifference,
  kMinAgreement,
  kUpdate,
  kExplain,
  kWeightReport,
  kDecision,
  kCoverage,
  kThreshold,
  kTestFormat,
  kImpactFormat,
  kBase,
  kWith,
  kExamples,
  kCorpus,
  kCheckOnly,
  kRecipe,
};

struct Command {
  std::string_view name;         // one word, or two: "rules check"
  std::string_view summary;      // one line, for the list of commands
  std::string_view description;  // one paragraph, for --help
  std::string_view operands;     // "REFERENCE CANDIDATE"; empty: takes none
  std::size_t least_operands;
  std::size_t most_operands;
  std::vector<Option> options;
  // The exit status: 0, or 3 where a check found differences. Throws Error.
  int (*run)(const Arguments& arguments);
};

std::span<const Command> commands();

}  // namespace switchyard
