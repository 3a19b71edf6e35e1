// What a person can say on the command line: one field per idea, whichever command takes it.
//
// command_line.cc fills this from argv; commands only read it. Which command takes which options
// is in its row of the table in command_table.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace switchyard {

// Which of them a command offers is in its row of the command table.
enum class OutputFormat { kTable, kJson, kMarkdown, kTap, kJunit };

struct Arguments {
  // The model and what the user overrides about it.
  std::optional<std::string> model;
  std::optional<std::string> revision;  // of a model of the Hub: branch, tag or commit
  std::optional<std::string> task;
  std::optional<std::string> model_type;
  std::optional<std::string> model_class;
  std::optional<std::string> library;
  std::optional<std::string> variant;  // of the weight files: fp16

  // Rules: overlays in order, those of SWITCHYARD_RULES first; or a directory instead of the
  // embedded rules.
  std::vector<std::string> rules;
  std::optional<std::string> rules_only;

  std::optional<std::string> output;
  bool overwrite = false;
  OutputFormat format = OutputFormat::kTable;
  bool quiet = false;
  bool verbose = false;

  // Requests of `inspect --jsonl`: a file, or "-" for standard input.
  std::optional<std::string> jsonl;

  // A recorded build configuration, instead of asking the rules.
  std::optional<std::string> config;
  // What is made of the graph's axes.
  std::vector<std::string> shape;  // "NAME=SIZE,NAME=SIZE"
  std::optional<std::string> batch_size;
  std::optional<std::string> dynamic_axes;  // a file

  std::string weights;            // auto, reference, embed, external; empty: auto, or as recorded
  std::string digest = "header";  // header, full
  std::optional<std::string> submodel;     // one part of a composite, or "all"
  std::string do_pooling;                  // true, false; empty: as config.json says
  bool output_hidden_states = false;
  bool output_attentions = false;
  std::optional<std::string> precision;    // fp32, int8; nothing: the rules decide
  std::optional<std::string> calibration;  // a file or directory of calibration data
  std::optional<std::string> data;         // labelled test data of `eval`
  int samples = 0;                         // calibration samples; 0: the rules decide
  int threads = 0;                         // 0: as many as the machine has cores
  int top_k = 5;
  int pairs = 50;                  // interleaved pairs of `perf`
  std::optional<double> min_sqnr;  // decibels
  std::optional<double> min_cosine;
  std::optional<double> max_difference;
  std::optional<double> min_agreement;  // share of equal top-1 answers, 0 to 1

  // The rules workshop (`rules ...`).
  bool update = false;                  // `rules test`: rewrite the golden files
  bool coverage = false;                // `rules test`: list the rules that no case exercises
  std::optional<double> threshold;      // `rules test`: least share of rules exercised, 0 to 100
  bool weight_report = false;           // `inspect`: what becomes of each tensor
  bool explain = false;                 // `inspect`: the short form of `rules explain`
  std::optional<std::string> decision;  // `rules explain`: of one decision only
  std::optional<std::string> base;      // `rules impact`: the rules before; nothing: the embedded
  std::optional<std::string> with;      // `rules impact`: the rules after
  int examples = 5;                     // `rules impact`: models named in each group
  std::vector<std::string> corpus;      // `rules check`: requests that must agree with `disjoint`
  bool check_only = false;              // `rules fmt`: change nothing

  std::optional<std::string> recipe;  // `recipe new`: its name

  std::vector<std::string> operands;  // what is no option, in order
};

}  // namespace switchyard
