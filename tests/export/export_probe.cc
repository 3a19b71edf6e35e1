// Exports by recipe name, without resolution: for trying recipes while they are written.
//
//   export_probe MODEL_DIR RECIPE TASK OUT.onnx [--reference|--embed] [--rules DIR] [--times]
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "engine/json.h"
#include "stages/export/export_graph.h"

namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

double cpu_ms() { return 1e3 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// The defaults of the model type laid under, as the resolution does it.
switchyard::Value with_defaults(const switchyard::RuleBook& rules,
                                const switchyard::Value& config) {
  using namespace switchyard;
  const Value* type = config.find("model_type");
  if (!type || !type->is_string() || !rules.has_knowledge("config_defaults")) return config;
  const auto row = rules.lookup("config_defaults", type->as_string());
  if (!row || !row->value.is_map()) return config;
  const Value* defaults = row->value.find("defaults");
  Map merged = (defaults && defaults->is_map() ? *defaults : row->value).as_map();
  for (const auto& [key, value] : config.as_map()) merged.set(key, value);
  return merged;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace switchyard;
  if (argc < 5) {
    std::fprintf(
        stderr,
        "export_probe MODEL_DIR RECIPE TASK OUT.onnx [--reference|--embed] [--rules DIR]\n");
    return 2;
  }
  try {
    const std::string model = argv[1];
    ExportOptions options{WeightMode::kEmbed, true};
    std::string rules_directory = SWITCHYARD_SOURCE_DIR "/rules";
    for (int i = 5; i < argc; ++i) {
      if (!std::strcmp(argv[i], "--reference")) options.weights = WeightMode::kReference;
      if (!std::strcmp(argv[i], "--rules") && i + 1 < argc) rules_directory = argv[++i];
    }
    bool times = false;
    for (int i = 5; i < argc; ++i) times = times || !std::strcmp(argv[i], "--times");
    const double start = cpu_ms();
    const auto rules = RuleBook::load({.base = rules_directory});
    GraphRequest request;
    request.recipe = argv[2];
    request.task = argv[3];
    request.config = with_defaults(
        *rules, parse_json(read_file(model + "/config.json"), model + "/config.json"));
    const double loaded = cpu_ms();
    const ExportReport report = export_graph(
        *rules, request, Weights::open(model + "/model.safetensors"), argv[4], options);
    if (times)
      std::printf("start %.1f, rules %.1f, export %.1f ms of CPU\n", start, loaded - start,
                  cpu_ms() - loaded);
    std::printf("%zu nodes\n", report.nodes);
    for (const auto* specs : {&report.inputs, &report.outputs}) {
      for (const auto& spec : *specs)
        std::printf("%s %s %s\n", spec.name.c_str(), spec.dtype.c_str(),
                    Value(spec.dims).to_json().c_str());
    }
    for (const auto* lines : {&report.ignored, &report.notes, &report.warnings}) {
      for (const auto& line : *lines) std::printf("%s\n", line.c_str());
    }
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return error.exit_status();
  }
}
