#include "tools/switchyard/line_diff.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace switchyard {
namespace {

using Lines = std::vector<std::string_view>;

// Above this many cells the whole middle counts as changed.
constexpr std::size_t kMaxCells = std::size_t{4} << 20;

Lines split(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

struct Change {
  char mark;  // ' ', '-' or '+'
  std::string_view text;
  std::size_t line;  // of the text before, from 1
};

// The longest common subsequence, by table: rule files are small, and equal ends are cut off first.
std::vector<Change> changes(const Lines& before, const Lines& after) {
  std::size_t head = 0;
  while (head < before.size() && head < after.size() && before[head] == after[head]) ++head;
  std::size_t tail = 0;
  while (tail < before.size() - head && tail < after.size() - head &&
         before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) {
    ++tail;
  }
  const std::size_t rows = before.size() - head - tail, columns = after.size() - head - tail;
  const bool by_table = (rows + 1) * (columns + 1) <= kMaxCells;
  std::vector<std::uint32_t> common(by_table ? (rows + 1) * (columns + 1) : 0);
  const auto cell = [&](std::size_t i, std::size_t k) -> std::uint32_t& {
    return common[i * (columns + 1) + k];
  };
  for (std::size_t i = rows; by_table && i-- > 0;) {
    for (std::size_t k = columns; k-- > 0;) {
      cell(i, k) = before[head + i] == after[head + k] ? cell(i + 1, k + 1) + 1
                                                       : std::max(cell(i + 1, k), cell(i, k + 1));
    }
  }
  std::vector<Change> result;
  for (std::size_t i = 0; i < head; ++i) result.push_back({' ', before[i], i + 1});
  std::size_t i = 0, k = 0;
  while (i < rows || k < columns) {
    if (i < rows && k < columns && by_table && before[head + i] == after[head + k]) {
      result.push_back({' ', before[head + i], head + i + 1});
      ++i, ++k;
    } else if (i < rows && (k == columns || !by_table || cell(i + 1, k) >= cell(i, k + 1))) {
      result.push_back({'-', before[head + i], head + i + 1});
      ++i;
    } else {
      result.push_back({'+', after[head + k], head + i + 1});
      ++k;
    }
  }
  for (std::size_t t = before.size() - tail; t < before.size(); ++t) {
    result.push_back({' ', before[t], t + 1});
  }
  return result;
}

}  // namespace

std::string line_diff(std::string_view before, std::string_view after, std::size_t limit) {
  if (before == after) return {};
  const std::vector<Change> all = changes(split(before), split(after));
  std::vector<std::string> lines;
  const auto is_shown = [&](std::size_t i) {
    const std::size_t first = i == 0 ? 0 : i - 1;
    for (std::size_t k = first; k <= i + 1 && k < all.size(); ++k) {
      if (all[k].mark != ' ') return true;
    }
    return false;
  };
  bool was_shown = false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool shown = is_shown(i);
    if (shown && !was_shown) lines.push_back("@@ " + std::to_string(all[i].line) + " @@");
    if (shown) lines.push_back(all[i].mark + std::string(all[i].text));
    was_shown = shown;
  }
  if (lines.empty()) lines.push_back("the last line has no line end, or there are empty lines");
  std::string text;
  for (std::size_t i = 0; i < std::min(limit, lines.size()); ++i) text += lines[i] + '\n';
  if (lines.size() > limit) {
    text += "... and " + std::to_string(lines.size() - limit) + " more lines\n";
  }
  return text;
}

}  // namespace switchyard
