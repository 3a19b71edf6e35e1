// Lines in order, whatever the threads do, and as soon as the input stops.
#include "stages/workshop/corpus/line_pipeline.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <future>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>

#include "engine/error.h"
#include "tests/resolve/support.h"

namespace switchyard {
namespace {

// Writes "NUMBER:LINE" of every line to `out`.
class Copy : public LineJob {
 public:
  explicit Copy(std::string& out) : out_(out) {}
  void work(const LineBatch& batch) override {
    for (const auto& [text, number] : batch.lines()) {
      if (text == "throw") throw std::runtime_error("as asked");
      mine_ += std::to_string(number) + ":" + std::string(text) + "\n";
    }
  }
  void finish() override { out_ += mine_; }

 private:
  std::string& out_;
  std::string mine_;
};

std::string copied(const std::string& text, int threads) {
  TemporaryDirectory directory;
  directory.write("in", text);
  std::string out;
  run_line_jobs((directory.path() / "in").string(), threads,
                [&] { return std::make_unique<Copy>(out); });
  return out;
}

TEST(LinePipeline, CountsEveryLineAndLeavesBlankOnesOut) {
  struct Case {
    const char* text;
    const char* out;
  };
  const Case cases[] = {{"", ""},
                        {"a", "1:a\n"},
                        {"a\n", "1:a\n"},
                        {"a\n\n \t\r\nb\nc", "1:a\n4:b\n5:c\n"},
                        {"\n\n", ""}};
  for (const auto& [text, out] : cases) EXPECT_EQ(copied(text, 2), out) << text;
}

TEST(LinePipeline, KeepsTheOrderForAnyNumberOfThreads) {
  std::mt19937 random(7);
  std::string text, expected;
  for (int i = 1; i <= 20'000; ++i) {
    // Some lines are longer than a batch.
    const std::size_t length = i % 4'000 == 0 ? 300'000 : random() % 60;
    const std::string line = std::to_string(i) + std::string(length, 'x');
    text += line + "\n";
    expected += std::to_string(i) + ":" + line + "\n";
  }
  for (const int threads : {1, 2, 7, 0}) EXPECT_EQ(copied(text, threads), expected) << threads;
}

TEST(LinePipeline, ThrowsWhatAJobThrowsBehindTheJobsBeforeIt) {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += i == 40'000 ? "throw\n" : "line\n";
  for (const int threads : {1, 4}) {
    TemporaryDirectory directory;
    directory.write("in", text);
    std::string out;
    EXPECT_THROW(run_line_jobs((directory.path() / "in").string(), threads,
                               [&] { return std::make_unique<Copy>(out); }),
                 std::runtime_error);
    EXPECT_TRUE(out.starts_with("1:line\n"));
    EXPECT_EQ(out.find("40002:"), std::string::npos);
  }
}

TEST(LinePipeline, RefusesWhatItCannotRead) {
  TemporaryDirectory directory;
  std::string out;
  const auto run = [&](const std::string& file) {
    run_line_jobs(file, 1, [&] { return std::make_unique<Copy>(out); });
  };
  EXPECT_THROW(run((directory.path() / "nothing").string()), Error);
  EXPECT_THROW(run(directory.path().string()), Error);
  directory.write("long", "short\n" + std::string((std::size_t{64} << 20) + 400'000, 'x'));
  try {
    run((directory.path() / "long").string());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.place().line, 2);
  }
}

// A program that writes a line, with the next one already begun, gets its answer.
TEST(LinePipeline, FinishesWhatHasArrivedBeforeItWaits) {
  TemporaryDirectory directory;
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  class Answer : public LineJob {
   public:
    explicit Answer(std::promise<void>*& told) : told_(told) {}
    void work(const LineBatch&) override {}
    void finish() override {
      if (told_ != nullptr) std::exchange(told_, nullptr)->set_value();
    }

   private:
    std::promise<void>*& told_;
  };
  std::promise<void> finished;
  std::promise<void>* told = &finished;
  std::thread reader([&] {
    run_line_jobs("/dev/fd/" + std::to_string(ends[0]), 2,
                  [&] { return std::make_unique<Answer>(told); });
  });
  ASSERT_EQ(write(ends[1], "one\ntw", 6), 6);
  EXPECT_EQ(finished.get_future().wait_for(std::chrono::seconds(30)), std::future_status::ready);
  ASSERT_EQ(write(ends[1], "o\n", 2), 2);
  close(ends[1]);
  reader.join();
  close(ends[0]);
}

}  // namespace
}  // namespace switchyard
