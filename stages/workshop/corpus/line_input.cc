#include "stages/workshop/corpus/line_input.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "engine/error.h"

namespace switchyard {
namespace {

constexpr std::size_t kBatchBytes = std::size_t{64} << 10;
constexpr std::size_t kReadBytes = std::size_t{256} << 10;
constexpr std::size_t kLongestLine = std::size_t{64} << 20;

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r\f\v") == std::string_view::npos;
}

}  // namespace

LineBatch::LineBatch(std::string text, std::size_t first) : text_(std::move(text)) {
  const std::string_view all = text_;
  for (std::size_t begin = 0; begin < all.size(); ++first) {
    const std::size_t end = std::min(all.find('\n', begin), all.size());
    const std::string_view line = all.substr(begin, end - begin);
    if (!is_blank(line)) lines_.push_back({line, first});
    begin = end + 1;
  }
}

LineInput::LineInput(const std::string& file)
    : name_(file == "-" ? "standard input" : file),
      descriptor_(file == "-" ? STDIN_FILENO : open(file.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (descriptor_ < 0) fail("can't be opened");
}

LineInput::~LineInput() {
  if (descriptor_ > STDIN_FILENO) close(descriptor_);
}

void LineInput::fail(const char* what) const {
  throw Error(ErrorKind::kModel, {name_}, std::string(what) + ": " + std::strerror(errno),
              "Give a file of requests, one JSON object a line, or - for standard input");
}

bool LineInput::can_read() const {
  pollfd waiting{descriptor_, POLLIN, 0};
  return poll(&waiting, 1, 0) > 0 && (waiting.revents & (POLLIN | POLLHUP)) != 0;
}

// Appends what there is; waits only when nothing is.
void LineInput::read_some() {
  if (begin_ > 0) {
    text_.erase(0, begin_);
    searched_ -= begin_;
    complete_ -= begin_;
    begin_ = 0;
  }
  const std::size_t old = text_.size();
  text_.resize(old + kReadBytes);
  ssize_t got = 0;
  do {
    got = read(descriptor_, text_.data() + old, kReadBytes);
  } while (got < 0 && errno == EINTR);
  text_.resize(old + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got < 0) fail("can't be read");
  if (got == 0) {
    at_end_ = true;
    complete_ = text_.size();  // the last line may have no line end
    return;
  }
  const std::size_t last = std::string_view(text_).substr(searched_).rfind('\n');
  if (last != std::string_view::npos) complete_ = searched_ + last + 1;
  searched_ = text_.size();
  if (text_.size() - complete_ > kLongestLine) {
    const auto lines =
        std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(complete_), '\n');
    throw Error(ErrorKind::kModel,
                {name_, static_cast<int>(next_line_ + static_cast<std::size_t>(lines))},
                "the line is longer than 64 MiB", "Requests are JSON objects, one a line");
  }
}

bool LineInput::take(std::string& lines, std::size_t& first_number) {
  if (complete_ == begin_) return false;
  std::size_t end = complete_;
  if (end - begin_ > kBatchBytes) {
    const std::size_t line_end = text_.find('\n', begin_ + kBatchBytes - 1);
    end = std::min(end, line_end == std::string::npos ? end : line_end + 1);
  }
  lines.assign(text_, begin_, end - begin_);
  first_number = next_line_;
  next_line_ += static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n'));
  begin_ = end;
  return true;
}

LineInput::Got LineInput::next(bool wait, std::string& lines, std::size_t& first_number) {
  while (true) {
    // Small pieces are worth a second look: a writer's lines often come one by one.
    while (!at_end_ && complete_ - begin_ < kBatchBytes && can_read()) read_some();
    if (take(lines, first_number)) return Got::kLines;
    if (at_end_) return Got::kEnd;
    if (!wait) return Got::kNothingYet;
    read_some();
  }
}

}  // namespace switchyard
