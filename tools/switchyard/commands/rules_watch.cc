#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <future>
#include <string>
#include <vector>

#include "engine/error.h"
#include "engine/parse_cache.h"
#include "stages/workshop/check.h"
#include "stages/workshop/directory_watch.h"
#include "stages/workshop/golden/golden.h"
#include "stages/workshop/golden/golden_text.h"
#include "tools/switchyard/commands/commands.h"
#include "tools/switchyard/console.h"
#include "tools/switchyard/model_request.h"
#include "tools/switchyard/text_table.h"

namespace switchyard {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDefaultDirectory = "tests/golden/rules";

// SIGINT and SIGTERM as something to poll; they end no program while this lives.
class StopSignals {
 public:
  StopSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, &before_);
    descriptor_ = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (descriptor_ < 0) {
      throw Error(ErrorKind::kModel, {}, "the signals that end the watch can't be awaited");
    }
  }
  ~StopSignals() {
    // One that came is taken: pending, it would end the program as soon as it may.
    signalfd_siginfo taken;
    while (read(descriptor_, &taken, sizeof taken) > 0) {
    }
    close(descriptor_);
    sigprocmask(SIG_SETMASK, &before_, nullptr);
  }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  int descriptor() const { return descriptor_; }

 private:
  sigset_t before_{};
  int descriptor_ = -1;
};

std::string time_of_day() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char text[16];
  std::strftime(text, sizeof text, "%H:%M:%S", &local);
  return text;
}

std::string counted(std::size_t count, const char* what) {
  return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
}

// Checks and tests, and prints what is wrong. Warnings are printed when they are new.
class Round {
 public:
  Round(const Arguments& arguments, std::string golden)
      : options_(rule_options(arguments)),
        all_gaps_(arguments.verbose),
        golden_(std::move(golden)) {}

  void run() {
    const auto start = std::chrono::steady_clock::now();
    std::string summary;
    try {
      // Both read the rules anew, at once; outcomes count only where the rules have no error.
      std::future<GoldenReport> tests;
      if (!golden_.empty()) {
        tests = std::async(std::launch::async,
                           [&] { return run_golden(*RuleBook::load(options_), golden_); });
      }
      const bool is_sound = check();
      if (tests.valid()) tests.wait();
      summary = !is_sound       ? "tests not run"
                : tests.valid() ? tested(tests.get())
                                : "no golden files";
      parsed_.forget_unused();
    } catch (const Error& fault) {
      std::printf("%s\n", fault.what());
      summary = "not finished";
      is_ok_ = false;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::printf("%s  %s: %s%s (%s)\n", time_of_day().c_str(), is_ok_ ? "ok" : "NOT OK",
                problems_.c_str(), summary.c_str(), duration_text(took.count()).c_str());
    std::fflush(stdout);
  }

 private:
  // Prints what is wrong; whether there is no error.
  bool check() {
    is_ok_ = true;
    problems_.clear();
    const Problems problems = check_everything({options_, all_gaps_});
    std::vector<std::string> warnings;
    std::size_t errors = 0;
    for (const Problem& problem : problems) {
      const std::string text = problem.str();
      if (problem.severity == Problem::Severity::kError) {
        ++errors;
        std::printf("%s\n", text.c_str());
        continue;
      }
      warnings.push_back(text);
      if (std::find(known_.begin(), known_.end(), text) == known_.end()) {
        std::printf("%s\n", text.c_str());
      }
    }
    known_ = std::move(warnings);
    problems_ = (errors > 0 ? counted(errors, "error") + ", " : "") +
                counted(known_.size(), "warning") + ", ";
    is_ok_ = errors == 0;
    return is_ok_;
  }

  // Prints what differs; returns the summary.
  std::string tested(const GoldenReport& report) {
    for (const GoldenResult& result : report.cases) {
      if (result.differences.empty()) continue;
      std::printf("%s\n", golden_result_text(result, output_colour()).c_str());
    }
    is_ok_ = report.failed() == 0;
    return counted(report.cases.size(), "case") +
           (is_ok_ ? "" : ", " + std::to_string(report.failed()) + " differ");
  }

  KeepParsedDocuments parsed_;
  RuleBookOptions options_;
  bool all_gaps_;
  std::string golden_;
  std::vector<std::string> known_;  // warnings of the round before
  std::string problems_;
  bool is_ok_ = true;
};

// The golden files, where there are any: a directory that was named must be there.
std::string golden_directory(const Arguments& arguments) {
  if (!arguments.operands.empty()) return arguments.operands.front();
  std::error_code unknown;
  return fs::is_directory(kDefaultDirectory, unknown) ? kDefaultDirectory : "";
}

}  // namespace

int rules_watch_command(const Arguments& arguments) {
  const RuleBookOptions options = rule_options(arguments);
  std::vector<fs::path> directories = options.overlays;
  if (options.base) directories.insert(directories.begin(), *options.base);
  const std::string golden = golden_directory(arguments);
  if (!golden.empty()) directories.emplace_back(golden);
  if (directories.empty()) {
    throw Error(ErrorKind::kUsage, {}, "there is nothing to watch",
                "Name rules with --rules DIR or --rules-only DIR, or a directory of golden files");
  }

  const StopSignals stop;
  DirectoryWatch watch(directories, {".yaml", ".yml", ".jsonl"});
  Console console(arguments);
  std::string watched;
  for (const fs::path& directory : directories) {
    watched += (watched.empty() ? "" : ", ") + directory.string();
  }
  console.note("watching " + watched + "; Ctrl-C ends");
  Round round(arguments, golden);
  round.run();
  for (auto changed = watch.wait(stop.descriptor()); !changed.empty();
       changed = watch.wait(stop.descriptor())) {
    for (const fs::path& path : changed) console.note(path.string());
    round.run();
  }
  return 0;
}

}  // namespace switchyard
