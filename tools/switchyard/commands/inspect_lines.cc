#include "tools/switchyard/commands/inspect_lines.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "engine/error.h"
#include "stages/resolve/resolve.h"
#include "stages/workshop/corpus/line_pipeline.h"

namespace switchyard {
namespace {

class Answers : public LineJob {
 public:
  explicit Answers(const RuleBook& rules) : rules_(rules) {}

  void work(const LineBatch& batch) override {
    for (const auto& [text, number] : batch.lines()) {
      answers_ += answer_json_line(rules_, text, number);
      answers_ += '\n';
    }
  }

  void finish() override {
    std::fwrite(answers_.data(), 1, answers_.size(), stdout);
    if (std::fflush(stdout) == 0) return;
    throw Error(ErrorKind::kModel, {"standard output"},
                std::string("could not be written: ") + std::strerror(errno));
  }

 private:
  const RuleBook& rules_;
  std::string answers_;
};

}  // namespace

void inspect_lines(const RuleBook& rules, const std::string& file, int threads) {
  run_line_jobs(file, threads, [&] { return std::make_unique<Answers>(rules); });
}

}  // namespace switchyard
