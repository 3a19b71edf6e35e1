#include "stages/export/export.h"

#include <cstdio>
#include <string>
#include <system_error>

#include "stages/build/carried_files.h"
#include "stages/build/resolution_json.h"
#include "stages/build/weight_mode.h"
#include "tools/switchyard/build_request.h"
#include "tools/switchyard/commands/output_target.h"
#include "tools/switchyard/commands/stage_entry.h"
#include "tools/switchyard/console.h"
#include "tools/switchyard/model_request.h"
#include "tools/switchyard/resolution_text.h"
#include "tools/switchyard/text_table.h"

namespace switchyard {
namespace {

Value json_of(const ExportReport& report) {
  std::error_code ignored;
  const auto bytes = std::filesystem::file_size(report.model, ignored);
  return Map{
      {"model", report.model.string()},
      {"bytes", static_cast<std::int64_t>(bytes)},
      {"weights", weight_mode_name(report.weights)},
      {"nodes", static_cast<std::int64_t>(report.nodes)},
      {"inputs", io_json(report.inputs)},
      {"outputs", io_json(report.outputs)},
      {"ignored", List(report.ignored.begin(), report.ignored.end())},
      {"notes", List(report.notes.begin(), report.notes.end())},
      {"warnings", List(report.warnings.begin(), report.warnings.end())},
  };
}

std::string text_of(const ExportReport& report) {
  std::error_code ignored;
  return report.model.string() + "  " + size_text(std::filesystem::file_size(report.model, ignored)) +
         ", " + std::to_string(report.nodes) + " nodes, weights: " +
         std::string(weight_mode_name(report.weights)) + "\n\n" +
         io_text(report.inputs, report.outputs);
}

// A model of one graph prints as one, a composite as a list.
void print(const std::vector<ExportReport>& reports, OutputFormat format) {
  if (format == OutputFormat::kJson) {
    List all;
    for (const ExportReport& report : reports) all.push_back(json_of(report));
    std::printf("%s\n", (all.size() == 1 ? all[0] : Value(all)).to_json(2).c_str());
    return;
  }
  for (std::size_t i = 0; i < reports.size(); ++i)
    std::printf("%s%s", i == 0 ? "" : "\n", text_of(reports[i]).c_str());
}

// What is exported where: the whole, or each part beside the others.
struct Piece {
  const Resolution* resolution;
  std::filesystem::path file;
  WeightMode weights;
};

std::vector<Piece> pieces_of(const BuildRequest& request, const OutputTarget& target,
                             bool parts_asked_for) {
  const WeightMode whole = parse_weight_mode(request.plan.weights);
  if (request.parts.empty() || (!target.is_directory() && !parts_asked_for))
    return {{&request.resolution, target.file(), whole}};
  if (!target.is_directory()) {
    throw Error(ErrorKind::kUsage, {target.file().string()}, "one file can't hold several parts",
                "Give a directory with -o, or name one part with --submodel");
  }
  std::vector<Piece> pieces;
  for (const BuildPart& part : request.parts) {
    pieces.push_back({&part.resolution, target.directory() / (part.name + ".onnx"),
                      parse_part_weight_mode(part.plan.weights)});
  }
  return pieces;
}

}  // namespace

int export_command(const Arguments& arguments) {
  if (!arguments.config) require_model(arguments, "export");
  OutputTarget target(require_output(arguments, "export"), arguments.overwrite);
  const BuildRequest request = build_request(arguments, BuildScope::kExport);
  Console console(arguments);
  require_decided(request.resolution);
  console.warn(request.resolution.warnings);
  console.warn(request.warnings);

  const std::vector<Piece> pieces = pieces_of(request, target, arguments.submodel.has_value());
  target.prepare();
  std::vector<ExportReport> reports;
  for (const Piece& piece : pieces) {
    reports.push_back(export_model(*request.rules, *request.source, *piece.resolution, piece.file,
                                   {.weights = piece.weights, .overwrite = true}));
  }
  if (target.is_directory()) {
    carry_files(*request.rules, *request.source, request.resolution, target.directory());
  }
  for (const ExportReport& report : reports) {
    console.warn(report.warnings);
    for (const std::string& note : report.notes) console.note(note);
    for (const std::string& ignored : report.ignored) console.detail("ignored " + ignored);
  }
  print(reports, arguments.format);
  return 0;
}

}  // namespace switchyard
