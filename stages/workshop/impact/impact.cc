#include "stages/workshop/impact/impact.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "engine/error.h"
#include "stages/resolve/requests.h"
#include "stages/workshop/corpus/corpus_line.h"
#include "stages/workshop/corpus/line_pipeline.h"

namespace switchyard {
namespace {

// More kinds of change than anyone reads; what is beyond is only counted.
constexpr std::size_t kMostSteps = 100;

class Comparison : public LineJob {
 public:
  Comparison(const RuleSets& sets, const std::string& file, const ImpactOptions& options,
             ImpactReport& total)
      : sets_(sets), file_(file), options_(options), total_(total), part_(options.examples) {}

  void work(const LineBatch& batch) override {
    for (const auto& [text, number] : batch.lines()) compare(text, number);
  }

  void finish() override {
    total_.merge(std::move(part_));
    if (options_.progress) options_.progress(total_.models());
  }

 private:
  void compare(std::string_view text, std::size_t number) {
    const std::optional<Value> line = read_corpus_line(text);
    if (!line) return part_.add_unreadable();
    ResolveRequest request;
    try {
      request = read_request(corpus_request(*line));
    } catch (const Error&) {  // a key of the wrong kind
      return part_.add_unreadable();
    }
    const Attempt before = try_request(sets_.before.book(), request);
    const Attempt after = try_request(sets_.after.book(), request);
    if (before.error && before.error == after.error) return part_.add_failing();
    const auto change = difference(sets_, before, after);
    if (!change) return part_.add_same();
    part_.add(*change, corpus_name(*line, file_, number));
  }

  const RuleSets& sets_;
  const std::string& file_;
  const ImpactOptions& options_;
  ImpactReport& total_;
  ImpactReport part_;
};

}  // namespace

ImpactReport measure_impact(const RuleSets& sets, const std::vector<std::string>& files,
                            const ImpactOptions& options) {
  ImpactReport total(options.examples);
  total.limit_steps(kMostSteps);
  for (const std::string& file : files) {
    run_line_jobs(file, options.threads,
                  [&] { return std::make_unique<Comparison>(sets, file, options, total); });
  }
  return total;
}

}  // namespace switchyard
