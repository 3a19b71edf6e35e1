// Columns of text, aligned for reading.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace switchyard {

class TextTable {
 public:
  // A table without a header row when `header` is empty.
  explicit TextTable(std::vector<std::string> header = {});

  void add(std::vector<std::string> row);
  // Numbers read better flush right.
  void align_right(std::size_t column);

  // Each line ends in a newline and has no trailing blanks; `indent` blanks before each.
  std::string str(std::size_t indent = 0) const;

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<bool> right_;
};

// "1.2 s", "340 ms", "12 us".
std::string duration_text(double seconds);
// "11.4 MiB", "340 B".
std::string size_text(std::uint64_t bytes);
// With a fixed number of digits behind the point.
std::string fixed_text(double number, int digits);

}  // namespace switchyard
