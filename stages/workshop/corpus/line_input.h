// Lines of a file or of standard input, in pieces, without waiting longer than it must.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

// Whole lines as they stand in the input, blank ones left out.
class LineBatch {
 public:
  struct Line {
    std::string_view text;   // without its line end; lives as long as the batch
    std::size_t number = 0;  // in the input, from 1
  };

  // `text`: whole lines, the last with or without its '\n'. `first`: the number of the first.
  LineBatch(std::string text, std::size_t first);
  LineBatch(LineBatch&&) = delete;  // the lines point into it

  const std::vector<Line>& lines() const { return lines_; }
  std::size_t bytes() const { return text_.size(); }

 private:
  std::string text_;
  std::vector<Line> lines_;
};

// One input, read once, by one thread.
class LineInput {
 public:
  // `file`: a path, or "-" for standard input. Throws Error(kModel) when it can't be opened.
  explicit LineInput(const std::string& file);
  ~LineInput();
  LineInput(const LineInput&) = delete;
  LineInput& operator=(const LineInput&) = delete;

  enum class Got { kLines, kNothingYet, kEnd };
  // Takes some 64 KiB of whole lines, or less when no more is there to be read now. Without a whole
  // line it waits for one, or says kNothingYet where it may not `wait`. Throws Error(kModel): the
  // input can't be read, or a line is longer than 64 MiB.
  Got next(bool wait, std::string& lines, std::size_t& first_number);

  // What messages call it.
  const std::string& name() const { return name_; }

 private:
  [[noreturn]] void fail(const char* what) const;
  void read_some();
  bool can_read() const;
  bool take(std::string& lines, std::size_t& first_number);

  std::string name_;
  int descriptor_ = -1;
  std::string text_;           // read and not yet taken: text_[begin_, end)
  std::size_t begin_ = 0;      // of the first line not yet taken
  std::size_t searched_ = 0;   // up to here there is no line end beyond complete_
  std::size_t complete_ = 0;   // behind the last line end found
  std::size_t next_line_ = 1;  // the number of the line at begin_
  bool at_end_ = false;
};

}  // namespace switchyard
