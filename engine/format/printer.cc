#include "engine/format/printer.h"

#include <algorithm>

namespace switchyard::format {

void Printer::end_line() {
  lines_.push_back(std::move(current_));
  current_.clear();
  blank_allowed_ = true;
}

void Printer::blank() {
  if (!lines_.empty() && !lines_.back().empty() && blank_allowed_) lines_.emplace_back();
}

void Printer::comment_behind(const std::vector<Comment>& comments) {
  behind_.push_back({lines_.size(), comments.front().column, comments});
  end_line();
  for (std::size_t i = 1; i < comments.size(); ++i) lines_.emplace_back();  // filled in by take()
}

void Printer::comment_line(const Comment& comment, std::size_t indent) {
  pad(indent);
  write(comment.text);
  end_line();
}

std::string Printer::take() {
  const auto last_line = [](const Behind& b) { return b.line + b.comments.size() - 1; };
  for (std::size_t i = 0; i < behind_.size();) {
    std::size_t end = i + 1;
    std::size_t width = lines_[behind_[i].line].size();
    while (end < behind_.size() && behind_[end].line == last_line(behind_[end - 1]) + 1 &&
           behind_[end].source_column == behind_[i].source_column) {
      width = std::max(width, lines_[behind_[end].line].size());
      ++end;
    }
    for (; i < end; ++i) {
      for (std::size_t k = 0; k < behind_[i].comments.size(); ++k) {
        std::string& line = lines_[behind_[i].line + k];
        line.resize(width + 2, ' ');
        line += behind_[i].comments[k].text;
      }
    }
  }
  while (!lines_.empty() && lines_.back().empty() && blank_allowed_) lines_.pop_back();
  std::string text;
  for (const std::string& line : lines_) {
    text += line;
    text += '\n';
  }
  return text;
}

}  // namespace switchyard::format
