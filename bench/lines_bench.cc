// What `inspect --jsonl` does beyond reading JSON: the same lines parsed only (our parser,
// nlohmann's) and resolved, on one thread and on all cores, in turns.
//
//   lines_bench [--rounds N] CORPUS.jsonl...
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/error.h"
#include "engine/json.h"
#include "stages/resolve/resolve.h"
#include "stages/workshop/corpus/line_pipeline.h"

namespace switchyard {
namespace {

using LineWork = std::function<std::size_t(const LineBatch::Line&)>;

class Job : public LineJob {
 public:
  Job(const LineWork& work, std::size_t& total) : work_(work), total_(total) {}
  void work(const LineBatch& batch) override {
    for (const LineBatch::Line& line : batch.lines()) sum_ += work_(line);
  }
  void finish() override { total_ += sum_; }

 private:
  const LineWork& work_;
  std::size_t& total_;
  std::size_t sum_ = 0;
};

double seconds(const std::vector<std::string>& files, int threads, const LineWork& work,
               std::size_t& total) {
  total = 0;
  const auto start = std::chrono::steady_clock::now();
  for (const std::string& file : files) {
    run_line_jobs(file, threads, [&] { return std::make_unique<Job>(work, total); });
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> numbers) {
  std::sort(numbers.begin(), numbers.end());
  return numbers[numbers.size() / 2];
}

int run(int rounds, const std::vector<std::string>& files) {
  const auto rules = RuleBook::load();
  struct Way {
    const char* name;
    LineWork work;
    std::vector<double> seconds[2];  // one thread, all cores
  };
  Way ways[] = {
      {"parse only, ours",
       [](const LineBatch::Line& line) {
         try {
           return parse_json(line.text, "line").is_map() ? std::size_t{1} : 0;
         } catch (const Error&) {
           return std::size_t{0};
         }
       },
       {}},
      {"parse only, nlohmann::json",
       [](const LineBatch::Line& line) {
         return nlohmann::json::parse(line.text, nullptr, false).is_object() ? std::size_t{1} : 0;
       },
       {}},
      {"inspect --jsonl",
       [&](const LineBatch::Line& line) {
         return answer_json_line(*rules, line.text, line.number).empty() ? std::size_t{0} : 1;
       },
       {}}};
  std::size_t lines = 0;
  for (int round = -1; round < rounds; ++round) {  // the first warms up
    for (const int cores : {0, 1}) {
      for (Way& way : ways) {
        const double took = seconds(files, cores == 0 ? 1 : 0, way.work, lines);
        if (round >= 0) way.seconds[cores].push_back(took);
      }
    }
  }
  std::printf("%zu lines, median of %d rounds\n\n", lines, rounds);
  std::printf("%-28s %14s %8s %14s %8s\n", "", "1 thread", "ratio", "all cores", "ratio");
  for (const Way& way : ways) {
    std::printf("%-28s", way.name);
    for (const int cores : {0, 1}) {
      const double took = median(way.seconds[cores]);
      std::printf(" %12.0f/s %8.2f", static_cast<double>(lines) / took,
                  took / median(ways[0].seconds[cores]));
    }
    std::printf("\n");
  }
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace switchyard

int main(int argc, char** argv) {
  int rounds = 5;
  std::vector<std::string> files;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--rounds" && i + 1 < argc) {
      rounds = std::max(1, std::atoi(argv[++i]));
    } else {
      files.push_back(word);
    }
  }
  if (files.empty()) {
    std::fprintf(stderr, "usage: lines_bench [--rounds N] CORPUS.jsonl...\n");
    return 2;
  }
  try {
    return switchyard::run(rounds, files);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lines_bench: %s\n", error.what());
    return 1;
  }
}
