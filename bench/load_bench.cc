// What it takes until rules can be asked: loading the embedded rules, compiling their tables on
// first use, and loading the same rules from a directory (--rules-only). Arguments: --rules DIR.
#include <benchmark/benchmark.h>

#include <cstring>
#include <string>

#include "engine/rule_book.h"

namespace switchyard {
namespace {

std::string rules_directory = "rules";

void load_embedded(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(RuleBook::load());
}
BENCHMARK(load_embedded)->Unit(benchmark::kMicrosecond);

// Also the first decision of each table, which compiles it.
void load_and_ask_every_table(benchmark::State& state) {
  const Facts facts;
  for (auto _ : state) {
    const auto book = RuleBook::load();
    for (const std::string_view decision : book->decisions()) {
      benchmark::DoNotOptimize(book->collect(decision, facts));
    }
  }
}
BENCHMARK(load_and_ask_every_table)->Unit(benchmark::kMicrosecond);

void load_directory(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(RuleBook::load({.overlays = {}, .base = rules_directory}));
  }
}
BENCHMARK(load_directory)->Unit(benchmark::kMillisecond);

// Also the knowledge tables, which a directory's book reads on first use.
void load_directory_whole(benchmark::State& state) {
  for (auto _ : state) {
    const auto book = RuleBook::load({.overlays = {}, .base = rules_directory});
    for (const char* table : {"model_types", "architectures", "onnx_configs", "onnx_tensors"}) {
      if (book->has_knowledge(table)) benchmark::DoNotOptimize(book->lookup(table, "none"));
    }
  }
}
BENCHMARK(load_directory_whole)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace switchyard

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc == 3 && std::strcmp(argv[1], "--rules") == 0) switchyard::rules_directory = argv[2];
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
