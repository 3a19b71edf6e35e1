// Standard error: warnings, notes and progress. Data goes to standard output, elsewhere.
//
// Colour and progress appear only on a terminal, and colour only while NO_COLOR is unset or empty.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "tools/switchyard/arguments.h"

namespace switchyard {

class Console {
 public:
  explicit Console(const Arguments& arguments);
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  // "switchyard: warning: TEXT"; not with -q. The same text is said once.
  void warn(std::string_view text);
  void warn(const std::vector<std::string>& texts);
  // "switchyard: TEXT"; not with -q.
  void note(std::string_view text);
  // Only with -v.
  void detail(std::string_view text);

  // A line that the next progress, warning or note replaces; only on a terminal.
  void progress(std::string_view text);
  void clear_progress();

 private:
  void line(std::string_view mark, std::string_view text, const char* colour);

  bool terminal_;
  bool colour_;
  bool quiet_;
  bool verbose_;
  bool progress_shown_ = false;
  std::vector<std::string> said_;
};

// Whether standard output may carry colours: it is a terminal and NO_COLOR is unset or empty.
bool output_colour();

// "switchyard: TEXT" on standard error, whatever the options: for errors.
void print_error(std::string_view text);

}  // namespace switchyard
