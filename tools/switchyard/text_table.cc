#include "tools/switchyard/text_table.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace switchyard {
namespace {

// Code points, near enough to columns for what is printed here.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

TextTable::TextTable(std::vector<std::string> header) : header_(std::move(header)) {}

void TextTable::add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

void TextTable::align_right(std::size_t column) {
  if (right_.size() <= column) right_.resize(column + 1);
  right_[column] = true;
}

std::string TextTable::str(std::size_t indent) const {
  std::vector<std::size_t> widths;
  const auto measure = [&](const std::vector<std::string>& row) {
    if (widths.size() < row.size()) widths.resize(row.size());
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  };
  measure(header_);
  for (const auto& row : rows_) measure(row);

  std::string text;
  const auto print = [&](const std::vector<std::string>& row) {
    std::string line(indent, ' ');
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) line += "  ";
      const std::string blanks(widths[i] - width(row[i]), ' ');
      const bool right = i < right_.size() && right_[i];
      line += right ? blanks + row[i] : row[i] + blanks;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  };
  if (!header_.empty()) print(header_);
  for (const auto& row : rows_) print(row);
  return text;
}

std::string fixed_text(double number, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, number);
  return text;
}

std::string duration_text(double seconds) {
  if (seconds >= 1) return fixed_text(seconds, 2) + " s";
  if (seconds >= 1e-3) return fixed_text(seconds * 1e3, seconds >= 0.1 ? 0 : 1) + " ms";
  return fixed_text(seconds * 1e6, 0) + " us";
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " B";
  const char* const units[] = {"KiB", "MiB", "GiB", "TiB"};
  double size = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (size >= 1024 && unit + 1 < std::size(units)) {
    size /= 1024;
    ++unit;
  }
  return fixed_text(size, size < 10 ? 2 : 1) + " " + units[unit];
}

}  // namespace switchyard
