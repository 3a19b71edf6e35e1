// Lines of text under construction, with comments behind them that are aligned at the end.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/format/source_tree.h"

namespace switchyard::format {

class Printer {
 public:
  std::size_t column() const { return current_.size(); }
  void write(std::string_view text) { current_ += text; }
  void pad(std::size_t column) {
    if (current_.size() < column) current_.resize(column, ' ');
  }
  void end_line();
  // An empty line, where there is text before and no other empty line.
  void blank();
  // Goes behind the current line, and ends it; continuations stand below it.
  void comment_behind(const std::vector<Comment>& comments);
  // A line of its own.
  void comment_line(const Comment& comment, std::size_t indent);
  bool is_empty() const { return lines_.empty() && current_.empty(); }
  // Whether an empty line may follow: not where the last lines are empty by their own right.
  void forbid_blank() { blank_allowed_ = false; }

  // All of it, a newline at the end. Comments on lines that follow each other, which stood in one
  // column, stand in one column again.
  std::string take();

 private:
  struct Behind {
    std::size_t line;
    std::size_t source_column;
    std::vector<Comment> comments;
  };

  std::vector<std::string> lines_;
  std::vector<Behind> behind_;
  std::string current_;
  bool blank_allowed_ = true;
};

}  // namespace switchyard::format
