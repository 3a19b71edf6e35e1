#include "tools/switchyard/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "engine/error.h"
#include "engine/text.h"
#include "tools/switchyard/command_table.h"
#include "tools/switchyard/version.h"

namespace switchyard {
namespace {

using Names = std::vector<std::string>;

// The name that `given` was most likely meant to be; empty where none is near.
std::string nearest(std::string_view given, const Names& names) {
  const Names near = nearest_names(given, names, 1);
  return near.empty() ? std::string() : near.front();
}

std::string joined(const Names& names, const char* between, const char* before_last) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == names.size() ? before_last : between) + names[i];
  }
  return text;
}

void choice(CLI::App& app, const char* names, std::string& target, const Names& allowed,
            const char* help) {
  app.add_option(names, target, help)
      ->check([names, allowed](const std::string& given) {
        if (std::find(allowed.begin(), allowed.end(), given) != allowed.end()) return std::string();
        std::string message = "'" + given + "' is no value of " + names + "; it takes " +
                              joined(allowed, ", ", " or ");
        throw Error(ErrorKind::kUsage, {}, message);
      })
      ->option_text(joined(allowed, "|", "|"));
}

struct FormatWord {
  const char* word;
  OutputFormat format;
};

void add_format(CLI::App& app, Arguments& a, const std::vector<FormatWord>& formats) {
  Names words;
  for (const FormatWord& known : formats) words.emplace_back(known.word);
  app.add_option_function<std::string>(
         "-f,--format",
         [&a, formats, words](const std::string& given) {
           for (const FormatWord& known : formats) {
             if (given == known.word) {
               a.format = known.format;
               return;
             }
           }
           throw Error(
               ErrorKind::kUsage, {},
               "'" + given + "' is no value of --format; it takes " + joined(words, ", ", " or "));
         },
         "How to print: " + joined(words, ", ", " or ") + " (default: table)")
      ->option_text(joined(words, "|", "|"));
}

template <typename T>
CLI::Option* value(CLI::App& app, const char* names, T& target, const char* placeholder,
                   const char* help) {
  return app.add_option(names, target, help)->option_text(placeholder);
}

// The one spelling of each option.
void add_option(CLI::App& app, Arguments& a, Option option) {
  switch (option) {
    case Option::kModel:
      value(app, "-m,--model", a.model, "MODEL",
            "A model's directory, its config.json, an .onnx file, or a Hub id (downloaded when it is not in "
            "the local cache)");
      break;
    case Option::kRevision:
      value(app, "--revision", a.revision, "REV",
            "The branch, tag or commit of a model of the Hub (default: main)");
      break;
    case Option::kTask:
      value(app, "-t,--task", a.task, "TASK", "The task to use, instead of the one the rules find");
      break;
    case Option::kModelType:
      value(app, "--model-type", a.model_type, "TYPE", "The model type, instead of config.json's");
      break;
    case Option::kModelClass:
      value(app, "--model-class", a.model_class, "CLASS",
            "The class to load the model with, instead of the one the rules find");
      break;
    case Option::kLibrary:
      value(app, "--library", a.library, "NAME", "The library the model belongs to");
      break;
    case Option::kRules:
      value(app, "--rules", a.rules, "DIR",
            "Lay the rules of this directory over the built-in ones; may be repeated, later ones "
            "win (also SWITCHYARD_RULES, separated by colons)")
          ->allow_extra_args(false);
      break;
    case Option::kRulesOnly:
      value(app, "--rules-only", a.rules_only, "DIR",
            "Use the rules of this directory in place of the built-in ones");
      break;
    case Option::kOutput:
      value(app, "-o,--output", a.output, "PATH", "Where to write");
      break;
    case Option::kOverwrite:
      app.add_flag("--overwrite", a.overwrite, "Replace what is already there");
      break;
    case Option::kFormat:
      add_format(app, a, {{"table", OutputFormat::kTable}, {"json", OutputFormat::kJson}});
      break;
    case Option::kQuiet:
      app.add_flag("-q,--quiet", a.quiet, "No warnings and no progress");
      break;
    case Option::kVerbose:
      app.add_flag("-v,--verbose", a.verbose, "Say more on standard error");
      break;
    case Option::kJsonl:
      app.add_option("--jsonl", a.jsonl,
                     "Answer requests, one JSON object a line, from FILE or standard input (-)")
          ->expected(0, 1)
          ->default_str("-")
          ->option_text("[FILE|-]");
      break;
    case Option::kConfig:
      value(app, "-c,--config", a.config, "FILE",
            "A build configuration (build.json, or what `config` printed) in place of the rules' "
            "decisions");
      break;
    case Option::kShape:
      value(app, "--shape", a.shape, "AXIS=SIZE,...",
            "Fix axes of the inputs, under the names that `inspect` shows; may be repeated")
          ->allow_extra_args(false);
      break;
    case Option::kBatchSize:
      value(app, "--batch-size", a.batch_size, "N", "Short for --shape batch_size=N");
      break;
    case Option::kDynamicAxes:
      value(app, "--dynamic-axes", a.dynamic_axes, "FILE",
            "JSON or YAML {INPUT: {DIMENSION: AXIS}}: the only dynamic axes of these inputs");
      break;
    case Option::kWeights:
      choice(app, "--weights", a.weights, {"auto", "reference", "embed", "external"},
             "Whether the graph refers to the checkpoint's weights, holds a copy, or has one in a "
             "file beside it; auto embeds below 100 MiB and refers above");
      break;
    case Option::kVariant:
      value(app, "--variant", a.variant, "NAME",
            "Which of several sets of weight files to take: fp16 for model.fp16.safetensors");
      break;
    case Option::kDigest:
      choice(app, "--digest", a.digest, {"header", "full"},
             "Tell a changed weight file by its header, size and time, or by its whole content");
      break;
    case Option::kSubmodel:
      value(app, "--submodel", a.submodel, "NAME",
            "The part of the model to export (encoder, decoder ...), or all: every part into one "
            "directory");
      break;
    case Option::kDoPooling:
      choice(app, "--do-pooling", a.do_pooling, {"true", "false"},
             "Whether a feature task gives pooler_output, instead of what config.json says");
      break;
    case Option::kHiddenStates:
      app.add_flag("--output-hidden-states", a.output_hidden_states,
                   "Add the outputs hidden_states.0, .1 ..., one for each layer or stage");
      break;
    case Option::kAttentions:
      app.add_flag("--output-attentions", a.output_attentions,
                   "Add the outputs attentions.0, .1 ..., where the recipe gives them");
      break;
    case Option::kPrecision:
      app.add_option("--precision", a.precision, "fp32 or int8, instead of what the rules decide")
          ->option_text("fp32|int8");
      break;
    case Option::kCalibration:
      value(app, "--calibration", a.calibration, "PATH",
            "Data to calibrate with (a folder of images), instead of what the rules decide");
      break;
    case Option::kSamples:
      value(app, "--samples", a.samples, "N", "How many samples to calibrate with");
      break;
    case Option::kData:
      value(app, "--data", a.data, "DIR", "Labelled images, one folder a class");
      break;
    case Option::kThreads:
      value(app, "--threads", a.threads, "N", "Threads to use; 0: one a core");
      break;
    case Option::kTopK:
      value(app, "--top-k", a.top_k, "N", "How many labels to print for an input (default 5)");
      break;
    case Option::kPairs:
      value(app, "--pairs", a.pairs, "N", "How many pairs of runs to time (default 50)");
      break;
    case Option::kMinSqnr:
      value(app, "--min-sqnr", a.min_sqnr, "DB",
            "Exit 3 when an output's signal to noise ratio is below this");
      break;
    case Option::kMinCosine:
      value(app, "--min-cosine", a.min_cosine, "X", "Exit 3 when an output's cosine is below this");
      break;
    case Option::kMaxDifference:
      value(app, "--max-difference", a.max_difference, "X",
            "Exit 3 when an output differs by more than this");
      break;
    case Option::kMinAgreement:
      value(app, "--min-agreement", a.min_agreement, "X",
            "Exit 3 when less than this share of top-1 answers agrees (0 to 1)");
      break;
    case Option::kUpdate:
      app.add_flag("--update", a.update, "Write the golden files anew");
      break;
    case Option::kExplain:
      app.add_flag("--explain", a.explain, "Say for each decision which rule made it and why");
      break;
    case Option::kWeightReport:
      app.add_flag("--weights", a.weight_report,
                   "List every tensor of the checkpoint: which part of the recipe uses it, what "
                   "renamed it, why it is ignored; and what is missing");
      break;
    case Option::kDecision:
      value(app, "--decision", a.decision, "NAME", "Only this decision of the chain");
      break;
    case Option::kCoverage:
      app.add_flag("--coverage", a.coverage, "List the rules that no case exercises");
      break;
    case Option::kThreshold:
      value(app, "--threshold", a.threshold, "PERCENT",
            "Exit 3 when less than this share of the rules is exercised");
      break;
    case Option::kTestFormat:
      add_format(app, a,
                 {{"table", OutputFormat::kTable},
                  {"json", OutputFormat::kJson},
                  {"tap", OutputFormat::kTap},
                  {"junit", OutputFormat::kJunit}});
      break;
    case Option::kImpactFormat:
      add_format(app, a,
                 {{"table", OutputFormat::kTable},
                  {"json", OutputFormat::kJson},
                  {"markdown", OutputFormat::kMarkdown}});
      break;
    case Option::kBase:
      value(app, "--base", a.base, "DIR", "The rules before; without it, the built-in ones");
      break;
    case Option::kWith:
      value(app, "--with", a.with, "DIR", "The rules after: a whole set, or an overlay");
      break;
    case Option::kExamples:
      value(app, "--examples", a.examples, "N",
            "How many models to name in each group (default 5)");
      break;
    case Option::kCorpus:
      value(app, "--corpus", a.corpus, "FILE",
            "Requests, one JSON object a line, that must agree with what rules declare; may be "
            "repeated")
          ->allow_extra_args(false);
      break;
    case Option::kCheckOnly:
      app.add_flag("--check", a.check_only, "Change nothing; exit 3 when a file would change");
      break;
    case Option::kRecipe:
      value(app, "--recipe", a.recipe, "NAME",
            "The recipe's name (default: the one that the rules would choose)");
      break;
  }
}

void print_commands() {
  std::printf(
      "switchyard %s\n"
      "Takes a model checkpoint to an optimized, quantized ONNX model.\n\n"
      "Usage: switchyard COMMAND [OPTIONS]\n\nCommands:\n",
      kVersion);
  for (const Command& command : commands()) {
    std::printf("  %-15s %s\n", std::string(command.name).c_str(),
                std::string(command.summary).c_str());
  }
  std::printf("\n'switchyard COMMAND --help' says more. --version prints the version.\n");
}

// The first word of two ("rules" of "rules check"); empty for a command of one word.
std::string_view group_of(std::string_view name) {
  const std::size_t blank = name.find(' ');
  return blank == std::string_view::npos ? std::string_view() : name.substr(0, blank);
}

bool is_group(std::string_view word) {
  return std::any_of(commands().begin(), commands().end(),
                     [&](const Command& command) { return group_of(command.name) == word; });
}

void print_group(std::string_view group) {
  std::printf("Usage: switchyard %s COMMAND [OPTIONS]\n\nCommands:\n", std::string(group).c_str());
  for (const Command& command : commands()) {
    if (group_of(command.name) != group) continue;
    std::printf("  %-15s %s\n", std::string(command.name).c_str(),
                std::string(command.summary).c_str());
  }
  std::printf("\n'switchyard %s COMMAND --help' says more.\n", std::string(group).c_str());
}

// The second words of a group's commands.
Names names_in(std::string_view group) {
  Names names;
  for (const Command& command : commands()) {
    if (group_of(command.name) == group) names.emplace_back(command.name.substr(group.size() + 1));
  }
  return names;
}

const Command& find_command(std::string_view name) {
  for (const Command& command : commands()) {
    if (command.name == name) return command;
  }
  const std::string_view group = group_of(name);
  Names names;
  for (const Command& command : commands()) {
    if (group_of(command.name) == group) names.emplace_back(command.name);
  }
  const std::string near = nearest(name, names);
  const std::string help = group.empty() ? "" : " " + std::string(group);
  throw Error(ErrorKind::kUsage, {},
              std::string(name.starts_with('-') ? "unknown option '" : "unknown command '") +
                  std::string(name) + "'",
              near.empty() ? "'switchyard" + help + " --help' lists the commands"
                           : "Did you mean '" + near + "'?");
}

std::string help_hint(const Command& command) {
  return "See 'switchyard " + std::string(command.name) + " --help'";
}

[[noreturn]] void reject_leftover(const CLI::App& app, const Command& command,
                                  const std::string& word) {
  const bool is_option = word.size() > 1 && word.front() == '-';
  if (!is_option) {
    throw Error(ErrorKind::kUsage, {},
                "'" + word + "' is one operand too many for '" + std::string(command.name) + "'",
                help_hint(command));
  }
  const std::string bare = word.substr(0, word.find('='));
  Names names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  const std::string near = nearest(bare, names);
  throw Error(ErrorKind::kUsage, {},
              "'" + std::string(command.name) + "' has no option '" + bare + "'",
              near.empty() ? help_hint(command) : "Did you mean '" + near + "'?");
}

// CLI11's messages begin with the option they are about; the rest is said in our words.
[[noreturn]] void reject(const CLI::ParseError& e, const Command& command) {
  const std::string text = e.what();
  const std::string option = text.substr(0, text.find(':'));
  const bool named = option.starts_with('-') && option.find(' ') == std::string::npos;
  std::string what;
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&e) != nullptr) {
    what = named ? "the option " + option + " needs a value, and one value only"
                 : "an option lacks its value";
  } else if (dynamic_cast<const CLI::ConversionError*>(&e) != nullptr) {
    what = "an option that takes a number was given something else";
  } else {
    what = "the command line could not be read";
  }
  throw Error(ErrorKind::kUsage, {}, what, help_hint(command));
}

void check_operands(const Command& command, const Arguments& arguments) {
  if (arguments.operands.size() >= command.least_operands) return;
  throw Error(ErrorKind::kUsage, {},
              "'" + std::string(command.name) + "' needs " + std::string(command.operands),
              help_hint(command));
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
  const std::string_view first = argc > 1 ? argv[1] : "--help";
  if (first == "--version") {
    std::printf("switchyard %s\n", kVersion);
    return 0;
  }
  if (first == "--help" || first == "-h" || first == "help") {
    print_commands();
    return argc > 1 ? 0 : 2;
  }
  // A command of two words takes both from argv.
  int words = 1;
  std::string name(first);
  if (is_group(first)) {
    const std::string_view second = argc > 2 ? argv[2] : "";
    if (second == "--help" || second == "-h") {
      print_group(first);
      return 0;
    }
    if (second.empty()) {
      throw Error(ErrorKind::kUsage, {}, "'" + name + "' needs a command",
                  "It has " + joined(names_in(first), ", ", " and "));
    }
    words = 2;
    name += " " + std::string(second);
  }
  const Command& command = find_command(name);

  Arguments arguments;
  CLI::App app{std::string(command.description), "switchyard " + std::string(command.name)};
  app.allow_extras();
  for (const Option option : command.options) add_option(app, arguments, option);
  if (command.most_operands > 0) {
    app.add_option("operands", arguments.operands)
        ->expected(0, static_cast<int>(std::min<std::size_t>(command.most_operands, 1 << 20)))
        ->option_text(std::string(command.operands));
  }
  try {
    app.parse(argc - words, argv + words);
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), stdout);
    return 0;
  } catch (const CLI::ParseError& e) {
    reject(e, command);
  }
  if (const Names left = app.remaining(); !left.empty()) {
    reject_leftover(app, command, left.front());
  }
  check_operands(command, arguments);
  return command.run(arguments);
}

}  // namespace switchyard
