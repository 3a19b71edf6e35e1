#include "tools/switchyard/commands/inspect_lines.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/error.h"
#include "stages/resolve/resolve.h"

namespace switchyard {
namespace {

constexpr std::size_t kBatchBytes = std::size_t{4} << 20;
constexpr std::size_t kLongestLine = std::size_t{64} << 20;
constexpr std::size_t kReadBytes = std::size_t{256} << 10;
constexpr std::size_t kLinesWorthAThread = 32;

class Input {
 public:
  explicit Input(const std::string& file) : name_(file == "-" ? "standard input" : file) {
    descriptor_ = file == "-" ? STDIN_FILENO : open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail("can't be opened");
  }
  ~Input() {
    if (descriptor_ > STDIN_FILENO) close(descriptor_);
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  // Appends what there is; waits only when nothing is. False at the end.
  bool read_some(std::string& text) {
    const std::size_t old = text.size();
    text.resize(old + kReadBytes);
    ssize_t got;
    do {
      got = read(descriptor_, text.data() + old, kReadBytes);
    } while (got < 0 && errno == EINTR);
    text.resize(old + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0) fail("can't be read");
    return got > 0;
  }

  bool ready() const {
    pollfd waiting{descriptor_, POLLIN, 0};
    return poll(&waiting, 1, 0) > 0 && (waiting.revents & POLLIN) != 0;
  }

 private:
  [[noreturn]] void fail(const char* what) const {
    throw Error(ErrorKind::kModel, {name_}, std::string(what) + ": " + std::strerror(errno),
                "Give a file of requests, one JSON object a line, or - for standard input");
  }

  std::string name_;
  int descriptor_ = -1;
};

struct Request {
  std::string_view line;
  std::size_t number;
};

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r\f\v") == std::string_view::npos;
}

// Cuts the complete lines off `text`; what is left over begins at the offset returned.
std::size_t split(std::string_view text, std::size_t& number, std::vector<Request>& requests) {
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string_view::npos) return begin;
    ++number;
    const std::string_view line = text.substr(begin, end - begin);
    if (!is_blank(line)) requests.push_back({line, number});
    begin = end + 1;
  }
}

void write_answers(const std::vector<std::string>& answers) {
  for (const std::string& answer : answers) {
    std::fwrite(answer.data(), 1, answer.size(), stdout);
    std::fputc('\n', stdout);
  }
  if (std::fflush(stdout) != 0) {
    throw Error(ErrorKind::kModel, {"standard output"},
                std::string("could not be written: ") + std::strerror(errno));
  }
}

void answer(const RuleBook& rules, const std::vector<Request>& requests, std::size_t threads) {
  std::vector<std::string> answers(requests.size());
  std::atomic<std::size_t> next = 0;
  std::exception_ptr failure;
  std::once_flag failed;
  const auto work = [&] {
    try {
      for (std::size_t i = next++; i < requests.size(); i = next++) {
        answers[i] = answer_json_line(rules, requests[i].line, requests[i].number);
      }
    } catch (...) {  // out of memory; a bad line never throws
      std::call_once(failed, [&] { failure = std::current_exception(); });
    }
  };
  std::vector<std::jthread> helpers;
  const std::size_t useful = std::min(threads, requests.size() / kLinesWorthAThread + 1);
  for (std::size_t i = 1; i < useful; ++i) helpers.emplace_back(work);
  work();
  helpers.clear();  // joins
  if (failure) std::rethrow_exception(failure);
  write_answers(answers);
}

}  // namespace

void inspect_lines(const RuleBook& rules, const std::string& file, int threads) {
  Input input(file);
  const std::size_t workers = threads > 0
                                  ? static_cast<std::size_t>(threads)
                                  : std::max<std::size_t>(1, std::thread::hardware_concurrency());
  std::string text;
  std::size_t number = 0;
  std::vector<Request> requests;
  bool more = true;
  while (more) {
    do {
      more = input.read_some(text);
    } while (more && text.size() < kBatchBytes && input.ready());
    if (!more && !text.empty() && text.back() != '\n') text += '\n';
    requests.clear();
    const std::size_t used = split(text, number, requests);
    answer(rules, requests, workers);
    text.erase(0, used);
    if (text.size() > kLongestLine) {
      throw Error(ErrorKind::kModel, {file, static_cast<int>(number + 1)},
                  "the line is longer than 64 MiB", "Requests are JSON objects, one a line");
    }
  }
}

}  // namespace switchyard
