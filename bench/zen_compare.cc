// Our side of zen_compare.sh: the same table and inputs, one thread, through the public API, and
// the table of both. Exit status 1 when an answer differs or the ratio is below 10.
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "engine/rule_book.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

constexpr double kLeastRatio = 10;
constexpr int kRounds = 15;

struct Input {
  std::string model_type;
  std::string architecture;
};

std::vector<std::vector<std::string>> read_tsv(const fs::path& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error(file.string() + " can't be read");
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> row;
    for (std::size_t begin = 0; begin <= line.size();) {
      const std::size_t end = std::min(line.find('\t', begin), line.size());
      row.push_back(line.substr(begin, end - begin));
      begin = end + 1;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Decisions per second, the best of some rounds: by the wall clock, and by the processor time of
// the thread, which leaves out what other work takes of a busy machine.
struct Rate {
  double wall = 0;
  double processor = 0;
};

Rate rate(std::size_t decisions, const std::function<void()>& run) {
  Rate best;
  for (int round = 0; round < kRounds; ++round) {
    const double processor = thread_seconds();
    const auto start = std::chrono::steady_clock::now();
    run();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    best.wall = std::max(best.wall, static_cast<double>(decisions) / took.count());
    best.processor =
        std::max(best.processor, static_cast<double>(decisions) / (thread_seconds() - processor));
  }
  return best;
}

void print_row(const char* name, const Rate& rate) {
  std::printf("%-36s %14.0f %14.0f\n", name, rate.wall, rate.processor);
}

int compare(const fs::path& directory) {
  const auto book = RuleBook::load({.overlays = {directory}, .base = {}});
  std::vector<Input> inputs;
  for (auto& row : read_tsv(directory / "inputs.tsv")) inputs.push_back({row.at(0), row.at(1)});
  const auto answers = read_tsv(directory / "answers.txt");
  if (answers.size() != inputs.size()) throw std::runtime_error("an answer is missing");

  // From the two texts: the facts are set anew for every decision, as zen is given a new object.
  std::vector<Value> tasks(inputs.size());
  const Rate with_facts = rate(inputs.size(), [&] {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      Facts facts;
      facts.set("model_type", inputs[i].model_type);
      facts.set("architecture", inputs[i].architecture);
      tasks[i] = *book->decide("task", facts)->get("task");
    }
  });
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    wrong += tasks[i].as_string() != answers[i].at(0);
  }

  // The names looked up once, the facts set over the last ones.
  const FactId model_type = fact_id("model_type"), architecture = fact_id("architecture");
  std::size_t decided = 0;
  const Rate with_ids = rate(inputs.size(), [&] {
    Facts facts;
    for (const Input& input : inputs) {
      facts.set(model_type, input.model_type);
      facts.set(architecture, input.architecture);
      decided += book->decide("task", facts).has_value();
    }
  });

  std::vector<Facts> prepared(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    prepared[i].set("model_type", inputs[i].model_type);
    prepared[i].set("architecture", inputs[i].architecture);
  }
  const Rate with_prepared = rate(inputs.size(), [&] {
    for (const Facts& facts : prepared) decided += book->decide("task", facts).has_value();
  });
  if (decided != 2 * kRounds * inputs.size())
    throw std::runtime_error("a rule for all did not hold");

  // "evaluation": by zen's own clock; of ours, by processor time.
  double best = 0;
  std::printf("%-36s %14s %14s\n", "decisions per second", "measured", "evaluation");
  for (const auto& row : read_tsv(directory / "zen.tsv")) {
    const double node = std::stod(row.at(1)), own = std::stod(row.at(2));
    best = std::max({best, node, own});
    std::printf("zen, %-31s %14.0f %14.0f\n", row.at(0).c_str(), node, own);
  }
  print_row("switchyard, new facts by name", with_facts);
  print_row("switchyard, facts set anew by id", with_ids);
  print_row("switchyard, facts prepared", with_prepared);
  std::printf("\n%zu inputs, %zu answers differ\n", inputs.size(), wrong);
  std::printf("switchyard, new facts by name, against the best of zen: %.1f times (must be %.0f)\n",
              with_facts.wall / best, kLeastRatio);
  return wrong == 0 && with_facts.wall >= kLeastRatio * best ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace switchyard

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: zen_compare DIR (see bench/zen_compare.sh)\n");
    return 2;
  }
  try {
    return switchyard::compare(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "zen_compare: %s\n", error.what());
    return 1;
  }
}
