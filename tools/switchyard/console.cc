#include "tools/switchyard/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace switchyard {
namespace {

constexpr const char* kRed = "\033[31m";
constexpr const char* kYellow = "\033[33m";

bool colour_allowed(int stream) {
  const char* no_color = std::getenv("NO_COLOR");
  return isatty(stream) != 0 && (no_color == nullptr || *no_color == '\0');
}

std::size_t terminal_width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

// Text of models and files may hold control characters; a terminal must not obey them.
std::string printable(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    safe += (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f ? '?' : c;
  }
  return safe;
}

void print_line(std::string_view mark, std::string_view text, const char* colour) {
  std::string line = "switchyard: ";
  if (colour != nullptr && !mark.empty()) {
    line.append(colour).append(mark).append("\033[0m");
  } else {
    line.append(mark);
  }
  line.append(printable(text)).append("\n");
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace

Console::Console(const Arguments& arguments)
    : terminal_(isatty(STDERR_FILENO) != 0),
      colour_(colour_allowed(STDERR_FILENO)),
      quiet_(arguments.quiet),
      verbose_(arguments.verbose) {}

Console::~Console() { clear_progress(); }

void Console::line(std::string_view mark, std::string_view text, const char* colour) {
  clear_progress();
  print_line(mark, text, colour_ ? colour : nullptr);
}

void Console::warn(std::string_view text) {
  if (quiet_ || std::find(said_.begin(), said_.end(), text) != said_.end()) return;
  said_.emplace_back(text);
  line("warning: ", text, kYellow);
}

void Console::warn(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) warn(text);
}

void Console::note(std::string_view text) {
  if (!quiet_) line("", text, nullptr);
}

void Console::detail(std::string_view text) {
  if (verbose_) line("", text, nullptr);
}

void Console::progress(std::string_view text) {
  if (!terminal_ || quiet_) return;
  const std::string shown = printable(text).substr(0, terminal_width() - 1);
  std::fprintf(stderr, "\r\033[K%s", shown.c_str());
  std::fflush(stderr);
  progress_shown_ = true;
}

void Console::clear_progress() {
  if (!progress_shown_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  progress_shown_ = false;
}

bool output_colour() { return colour_allowed(STDOUT_FILENO); }

void print_error(std::string_view text) {
  print_line("error: ", text, colour_allowed(STDERR_FILENO) ? kRed : nullptr);
}

}  // namespace switchyard
