// Decisions per second, one thread, in process, on tables keyed on (model_type, architecture): 10
// to 10,000 rules, of which a few hold for every model. Arg: number of rules.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "engine/rule_book.h"

namespace switchyard {
namespace {

constexpr int kArchitecturesPerType = 5;

std::string type_name(int i) { return "model-type-" + std::to_string(i / kArchitecturesPerType); }
std::string architecture_name(int i) { return "Architecture" + std::to_string(i) + "ForSomeTask"; }

std::shared_ptr<const RuleBook> table(int rules) {
  std::string text = "decision: task\nhit_policy: priority\nrules:\n";
  for (int i = 0; i < rules; ++i) {
    text += "  - {id: r" + std::to_string(i) + ", priority: " + std::to_string(100 + i % 7) +
            ", when: {model_type: " + type_name(i) + ", architecture: " + architecture_name(i) +
            "}, then: {task: task-" + std::to_string(i % 40) + "}, source: bench}\n";
  }
  text +=
      "  - {id: text, priority: 10, when: {main_input: input_ids}, then: {task: text}}\n"
      "  - {id: rest, priority: 1, then: {task: rest}}\n";
  return RuleBook::from_texts({{"bench.yaml", text}});
}

// One in eight models is known to no rule of its own.
std::vector<Facts> models(int rules) {
  std::vector<Facts> models(1024);
  for (std::size_t i = 0; i < models.size(); ++i) {
    const int rule = static_cast<int>((i * 7919) % static_cast<std::size_t>(rules));
    models[i].set("model_type", type_name(rule));
    models[i].set("architecture", i % 8 == 0 ? std::string("Unknown") : architecture_name(rule));
    models[i].set("main_input", "pixel_values");
  }
  return models;
}

void decide(benchmark::State& state) {
  const int rules = static_cast<int>(state.range(0));
  const auto book = table(rules);
  const std::vector<Facts> facts = models(rules);
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(book->decide("task", facts[i++ & 1023]));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(decide)->Arg(10)->Arg(100)->Arg(300)->Arg(1000)->Arg(3000)->Arg(10'000);

}  // namespace
}  // namespace switchyard

BENCHMARK_MAIN();
