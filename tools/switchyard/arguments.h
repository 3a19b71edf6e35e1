// What a person can say on the command line: one field per idea, whichever command takes it.
//
// command_line.cc fills this from argv; commands only read it. Which command takes which options
// is in its row of the table in command_table.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace switchyard {

enum class OutputFormat { kTable, kJson };

struct Arguments {
  // The model and what the user overrides about it.
  std::optional<std::string> model;
  std::optional<std::string> task;
  std::optional<std::string> model_type;
  std::optional<std::string> model_class;
  std::optional<std::string> library;

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

  std::string weights = "auto";   // auto, reference, embed
  std::string digest = "header";  // header, full
  std::optional<std::string> submodel;
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
  bool update = false;                  // `rules test`: rewrite the golden files

  std::vector<std::string> operands;  // what is no option, in order
};

}  // namespace switchyard
